#!/bin/sh
# Makes the certificates of the tests anew: run here, with OpenSSL 3. They are good until 2126, and secret to nobody.
set -e
cd "$(dirname "$0")"
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key.pem"; }
signed() { # name, subject, extensions
  key "$1"
  openssl req -new -key "$1.key.pem" -subj "$2" -addext "$3" -out request.pem
  openssl x509 -req -in request.pem -CA authority.pem -CAkey authority.key.pem -days 36500 -copy_extensions copy -out "$1.pem"
  rm -f request.pem
}
key authority
openssl req -x509 -new -key authority.key.pem -subj '/CN=verdant test authority' -days 36500 -out authority.pem
signed server /CN=localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
signed other /CN=other.test 'subjectAltName=DNS:other.test,DNS:*.other.test'
signed client /CN=client 'extendedKeyUsage=clientAuth'
key stranger
openssl req -x509 -new -key stranger.key.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -days 36500 -out stranger.pem
rm -f authority.key.pem authority.srl
