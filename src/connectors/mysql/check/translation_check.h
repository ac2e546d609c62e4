#pragma once

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connector/translation_findings.h"
#include "connectors/mysql/connection/connection.h"
#include "sql/translate.h"

namespace godwit::connectors::mysql {

// What the notes on a table say to an operator.
void AddNotes(const model::TableName& table, const std::vector<sql::TranslationNote>& notes,
              connector::TranslationFindings& findings);

// What becomes of the source's definitions on a target of the other kind: a warning for each rule
// by which something is lost, a failure for each thing that the target cannot hold.
void CheckTranslation(const Connection& target, const connector::Catalog& catalog,
                      std::string_view source, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
