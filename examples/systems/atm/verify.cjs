// biome-ignore-all format: as the page of ATM prints it
// biome-ignore-all lint: as the page of ATM prints it
var jwt = require('jsonwebtoken');
var token = process.env.ACCESS_TOKEN;
var options = { algorithms: ['RS256'], issuer: 'atm', audience: process.env.CLIENT_ID || 'OJJvmTmatjCOTuqBxur2' };
var jwksClient = require('jwks-rsa');
var client = jwksClient({
jwksUri: (process.env.ATM_URL || 'http://localhost:4000') + '/auth/.well-known/jwks.json'
});
function getKey(header, callback){
client.getSigningKey(header.kid, function(err, key) {
var signingKey = key.publicKey || key.rsaPublicKey;
callback(null, signingKey);
});
}
jwt.verify(token, getKey, options, function(err, decoded) {
console.log(JSON.stringify(err ? { error: err.message } : decoded))
});
