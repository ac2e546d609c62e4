#pragma once

#include <string>
#include <string_view>

// What is asked of the catalogue about triggers.
namespace godwit::connectors::postgres {

// Gives the oid of the one called $2, on the table or view $3 of schema $1.
std::string_view TriggerLookUp();

// Gives the statements that make it and see to when it fires (ENABLE ALWAYS and the like), on
// partitions too, where it may be another thing; and what is to be said of it then.
std::string TriggerDescription(const std::string& oid, int server_version);

}  // namespace godwit::connectors::postgres
