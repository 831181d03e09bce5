// biome-ignore-all format: as the page of ATM prints it
// biome-ignore-all lint: as the page of ATM prints it, with its stray `s`
var axios = require('axios');
const { createHash } = require('crypto');
const code_challenge = createHash('sha256').update('123456789').digest('hex')
s
var data = JSON.stringify({
"loginId": process.env.LOGIN_ID || "end.user13@example.com",
"password": process.env.PASSWORD || "H123456789",
"clientId": process.env.CLIENT_ID || "OJJvmTmatjCOTuqBxur2",
"code_challenge": code_challenge,
"code_challenge_method":"SHA256"
});
var config = {
method: 'post',
url: (process.env.ATM_URL || 'http://localhost:4000') + '/auth',
headers: {
'Content-Type': 'application/json'
},
data : data
};
axios(config)
.then(function (response) {
console.log(JSON.stringify(response.data));
})
.catch(function (error) {
console.log(error);
});
