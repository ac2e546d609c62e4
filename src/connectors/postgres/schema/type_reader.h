#pragma once

#include <string>
#include <string_view>

// What is asked of the catalogue about types of users and about extensions. Look-ups give the oid
// of the one whose schema is $1 and that is called $2, an extension in whatever schema;
// descriptions give the statement that makes it, and what is to be said of it then.
namespace godwit::connectors::postgres {

std::string_view TypeLookUp();
std::string TypeDescription(const std::string& oid, int server_version);

std::string_view ExtensionLookUp();
std::string ExtensionDescription(const std::string& oid);

}  // namespace godwit::connectors::postgres
