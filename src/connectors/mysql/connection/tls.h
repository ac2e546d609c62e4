#pragma once

#include <string>

#include "base/status.h"
#include "config/endpoint.h"

struct ssl_st;
struct st_mysql;

namespace godwit::connectors::mysql {

// Has the library encrypt the connection that it is about to make as `endpoint` asks for. Files
// that cannot be read are kFailedPrecondition.
base::Status AskForTls(st_mysql* handle, const config::Endpoint& endpoint);

// Whether the connection that was made is what was asked for: where the server offers no
// encryption, the library goes on without.
base::Status ExpectTls(st_mysql* handle, const config::Endpoint& endpoint);

// That the server offers no encryption, which `endpoint` or the user's plugin asks for.
base::Status NoTls(const config::Endpoint& endpoint);

// The connection's TLS session, which the library owns; null for a plain connection.
ssl_st* TlsSession(st_mysql* handle);

}  // namespace godwit::connectors::mysql
