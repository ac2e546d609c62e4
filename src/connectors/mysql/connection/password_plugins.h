#pragma once

#include "base/status.h"
#include "config/endpoint.h"

struct st_mysql;

// Logging in by what needs the password itself and not only a proof that it is known: the plugins
// caching_sha2_password, sha256_password, mysql_clear_password and dialog. These take the place of
// the client library's, which show it to a server that has turned out to offer no encryption.
//
// The password is shown through TLS or a Unix socket. Elsewhere the first two seal it with the
// server's public key, where ssl.mode leaves encryption to the server, and the others show it where
// ssl.mode is `disabled`. Protocol: "Caching SHA-2 Pluggable Authentication" and "dialog" in the
// manuals of MySQL and MariaDB.
namespace godwit::connectors::mysql {

// To be called before `handle` connects; `endpoint` has to live until it has. Any thread.
base::Status UsePasswordPlugins(st_mysql* handle, const config::Endpoint& endpoint);

// Whether that is why a connection was not made.
bool HasKeptPassword(st_mysql* handle);

}  // namespace godwit::connectors::mysql
