#pragma once

#include <string>
#include <vector>

#include "sql/definition.h"

// Definitions of one kind of server as the other kind has them. docs/mysql-mariadb.md holds the
// rules; tests/e2e/pairs holds each of them against both servers.
namespace godwit::sql {

enum class NoteKind : uint8_t {
  kSame,     // written otherwise, and means the same
  kLossy,    // the target's means something else, or less; it is warned of
  kRefused,  // the target cannot hold it
};

// What a rule did to a definition, in words.
struct TranslationNote {
  NoteKind kind = NoteKind::kSame;
  std::string place;   // "column `a`", "key `k`"; empty: the table itself
  std::string what;    // what it is on the source, what on the target, and what differs
  std::string remedy;  // of kRefused: what can be done
  bool operator==(const TranslationNote&) const = default;
};

// "column `a`: what".
std::string ToText(const TranslationNote& note);
// Those that are kRefused, as text; empty: there is none.
std::string Refusals(const std::vector<TranslationNote>& notes);

struct Translation {
  TableDefinition definition;  // complete, of the kind asked for; not to be used when refused
  std::vector<TranslationNote> notes;
  bool refused() const;
};

// A complete definition as a server of kind `to` has it, in the form in which its SHOW CREATE TABLE
// shows it but for the text of expressions. Of one of that kind already only the places where its
// rows are stored are left out.
Translation Translate(const TableDefinition& definition, Flavour to);

// A default charset of a schema, likewise.
struct TranslatedCharset {
  CharsetChoice charset;
  std::vector<TranslationNote> notes;
};
TranslatedCharset TranslateCharset(const CharsetChoice& charset, Flavour to,
                                   const std::string& place);

}  // namespace godwit::sql
