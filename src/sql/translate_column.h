#pragma once

#include <string>
#include <vector>

#include "sql/definition.h"
#include "sql/translate.h"

namespace godwit::sql {

// Takes down what the rules did.
class NoteTaker {
 public:
  explicit NoteTaker(std::vector<TranslationNote>& notes) : notes_(notes) {}
  void Same(const std::string& place, std::string what) {
    Add(NoteKind::kSame, place, std::move(what), "");
  }
  void Lossy(const std::string& place, std::string what) {
    Add(NoteKind::kLossy, place, std::move(what), "");
  }
  // The first, or the second where there is a caveat.
  void SameBut(const std::string& place, const std::string& what, const std::string& caveat) {
    caveat.empty() ? Same(place, what) : Lossy(place, what + ": " + caveat);
  }
  void Refuse(const std::string& place, std::string what, std::string remedy) {
    Add(NoteKind::kRefused, place, std::move(what), std::move(remedy));
  }

 private:
  void Add(NoteKind kind, const std::string& place, std::string what, std::string remedy) {
    notes_.push_back({kind, place, std::move(what), std::move(remedy)});
  }
  std::vector<TranslationNote>& notes_;
};

// One column of `table`, which is of the other kind than `to`.
void TranslateColumn(ColumnDefinition& column, const TableDefinition& table, Flavour to,
                     NoteTaker& notes);

// A charset with its collation. `place`: what it belongs to.
void TranslateCharset(CharsetChoice& charset, const std::string& place, Flavour to,
                      NoteTaker& notes);

// An expression of `place`, which is called `what` ("default", "check").
void TranslateExpressionOf(std::string& expression, const std::string& place,
                           const std::string& what, Flavour to, NoteTaker& notes);

}  // namespace godwit::sql
