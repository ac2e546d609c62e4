#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// What an event trigger of ddl_capture has written to the log of a command.
struct CapturedMessage {
  std::string event;  // as TG_EVENT; "unknown": the function has failed
  std::string tag, query;
  std::string error;               // of "unknown"
  std::vector<Definition> tables;  // that it has touched, as they are after it
  std::set<uint32_t> made;         // tables and partitions of CREATE TABLE
  std::set<uint32_t> added;        // tables that it has put into the publication
  std::set<uint32_t> published;    // of `tables`: those that are in it
  struct Dropped {
    bool is_index = false;  // else a table or a partition
    uint32_t oid = 0;
    model::TableName name;
  };
  std::vector<Dropped> dropped;
  // What rows have in columns that came later than they, by table and column; of the partitions of
  // a table there may be several.
  std::map<uint32_t, std::map<std::string, std::set<std::string>>> missing;
  std::set<uint32_t> rewritten;  // of "table_rewrite"
  int reason = 0;                // pg_event_trigger_table_rewrite_reason
};

// kDataLoss: it is none.
base::StatusOr<CapturedMessage> ParseCapturedMessage(std::string_view content);

}  // namespace godwit::connectors::postgres
