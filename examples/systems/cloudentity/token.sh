#!/usr/bin/env bash
# Redeems a code: Cloudentity's sample call, with another host. Prints the token response.
set -euo pipefail

AUTHORIZATION_SERVER="${AUTHORIZATION_SERVER:-http://localhost:4000}"
: "${CODE:?put the code of the redirect here}"
: "${CODE_VERIFIER:?put the verifier here that authorize.sh printed}"

curl --silent --show-error --fail-with-body --request POST \
  --url "$AUTHORIZATION_SERVER/oauth2/token" \
  --data-raw "authorization_code=$CODE&code_verifier=$CODE_VERIFIER"
