// biome-ignore-all format: as the page of ATM prints it
// biome-ignore-all lint: as the page of ATM prints it
var axios = require('axios');
var data = JSON.stringify({
"clientId": process.env.CLIENT_ID || "OJJvmTmatjCOTuqBxur2",
"clientSecret": process.env.CLIENT_SECRET || "QhRhyGuSTP7S9cU6riqR3vPHETq9vErX",
"grant_types": "authorization_code",
"code": process.env.CODE,
"code_verifier": "123456789"
});
var config = {
method: 'post',
url: (process.env.ATM_URL || 'http://localhost:4000') + '/auth/token',
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
