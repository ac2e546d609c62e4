#pragma once

#include <string>

#include "wire/postgres/lsn.h"

// What a walsender is told about a task's replication slot. Versions are as the server says: 150018
// for 15.18.
namespace godwit::connectors::postgres {

// A slot that a standby takes over, where the server knows such.
std::string CreateSlot(const std::string& name, int server_version);

// Reads from slot and publication `name`, which transactions that end after `after` come from.
// `streaming`: where the server can, it sends large ones while they are in progress. `messages`:
// those of pg_logical_emit_message too, which a server has from 14 on.
std::string StartReplication(const std::string& name, wire::postgres::Lsn after, int server_version,
                             bool streaming, bool messages = false);

// Whether it can.
bool StreamsInProgress(int server_version);

}  // namespace godwit::connectors::postgres
