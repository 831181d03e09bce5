// biome-ignore-all format: in the way of the page of ATM, which prints the body alone
// biome-ignore-all lint: in the way of the page of ATM, which prints the body alone
var axios = require('axios');
var data = JSON.stringify({
"clientId": process.env.CLIENT_ID || "OJJvmTmatjCOTuqBxur2",
"refresh_token": process.env.REFRESH_TOKEN,
"id_token": process.env.ID_TOKEN,
"grantType": "refresh_token"
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
