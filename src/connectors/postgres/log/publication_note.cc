#include "connectors/postgres/log/publication_note.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kWord = "Godwit: ";

}  // namespace

PublicationNote PublicationNote::Parse(std::string_view comment) {
  PublicationNote note;
  if (!comment.starts_with(kWord)) return note;
  const auto json = nlohmann::json::parse(comment.substr(kWord.size()), nullptr, false);
  if (!json.is_object()) return note;
  if (const auto by_leaf = json.find("by_leaf"); by_leaf != json.end() && by_leaf->is_boolean())
    note.by_leaf = by_leaf->get<bool>();
  if (const auto generation = json.find("generation");
      generation != json.end() && generation->is_number_unsigned()) {
    note.generation = *generation;
  }
  const auto identities = json.find("identities");
  if (identities == json.end() || !identities->is_object()) return note;
  for (const auto& [oid, identity] : identities->items()) {
    const auto number = base::ParseInteger<uint32_t>(oid);
    if (!number || !identity.is_string()) continue;
    const auto& text = identity.get_ref<const std::string&>();
    if (text.size() == 1) note.identities[*number] = text[0];
  }
  return note;
}

std::string PublicationNote::ToComment() const {
  nlohmann::json json = {{"generation", generation}};
  if (by_leaf) json["by_leaf"] = *by_leaf;
  for (const auto& [oid, identity] : identities)
    json["identities"][std::to_string(oid)] = std::string(1, identity);
  return std::string(kWord) + json.dump();
}

base::StatusOr<std::optional<PublicationNote>> ReadNote(Connection& control,
                                                        const std::string& publication) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      control.Query(fmt::format("SELECT pg_catalog.obj_description(oid, 'pg_publication') FROM "
                                "pg_catalog.pg_publication WHERE pubname = {}",
                                QuoteText(publication))));
  if (rows.empty()) return std::optional<PublicationNote>();
  return std::optional(PublicationNote::Parse(TextOf(rows[0][0])));
}

std::string WriteNote(const std::string& publication, const PublicationNote& note) {
  return fmt::format("COMMENT ON PUBLICATION {} IS {}", QuoteName(publication),
                     QuoteText(note.ToComment()));
}

}  // namespace godwit::connectors::postgres
