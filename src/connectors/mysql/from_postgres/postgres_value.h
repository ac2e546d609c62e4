#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/status.h"
#include "model/cell.h"
#include "model/table.h"
#include "sql/flavour.h"
#include "wire/postgres/array_text.h"

namespace godwit::connectors::mysql {

// A value in the form in which its column takes it: digits, a time, bytes in UTF-8 or without a
// charset, a document; of kBit and kEnum the number alone.
struct FittedValue {
  std::string_view text;
  uint64_t number = 0;
  bool in_buffer = false;  // `text` lives until the next call alone; else as long as what it is of
};

// What has become of a value.
enum class Fit : uint8_t {
  kFits,
  kNoDay,       // connector::Unfit::kNoDay
  kOutOfRange,  // connector::Unfit::kOutOfRange
  kIllText,     // connector::Unfit::kIllText
  kNoLabel,     // the target's ENUM has no such label
};

// How the values of one column, which are text as PostgreSQL writes it, become those of a column of
// MariaDB or MySQL (docs/postgres-to-mysql.md); the copy and the changes both go this way. What the
// column takes is decided once. One thread.
class PostgresValue {
 public:
  // Of a column that is not written.
  PostgresValue() = default;
  // Both are borrowed. kFailedPrecondition: values of one are none of the other.
  static base::StatusOr<PostgresValue> Make(const model::Column& source, const model::Column& here,
                                            sql::Flavour flavour);

  bool is_written() const { return here_ != nullptr; }
  // Every text of such a column is a field of LOAD DATA as it stands.
  bool is_plain() const { return form_ == Form::kPlain; }

  // `text` is borrowed for as long as `fitted`.
  Fit Convert(std::string_view text, FittedValue& fitted);
  // The value that comes nearest to one that has no place; nothing: none does.
  std::optional<FittedValue> Nearest(std::string_view text, Fit why);
  // Gives back the memory of a value before, where the next one needs no such room.
  void ForgetLargeValue(std::string_view next = {});

  // `fitted` as rows have it, with the same view.
  model::Cell ToCell(const FittedValue& fitted) const;
  // Appends it as a field of LOAD DATA (copy/load_text.h).
  void AppendField(std::string& out, const FittedValue& fitted) const;
  // Converts and appends many bytes that fit, without having them all once more in between. False:
  // it is no such value, and nothing was appended.
  bool AppendLargeBytes(std::string& out, std::string_view text);

 private:
  enum class Form : uint8_t {
    kPlain,    // whatever it is, it has a place
    kInteger,  // digits, maybe too many
    kBoolean,
    kReal,    // of 32 bits: the double that it equals
    kDouble,  // or what is to become one
    kDecimal,
    kDay,   // a date, and maybe a time
    kTime,  // of a day, or a span of time
    kBits,
    kBytes,  // from hexadecimal digits
    kLabel,
    kText,
    kDocument,
    kArray,  // as a document
  };

  static std::optional<Form> FormOf(std::string_view type, const model::Column& here);
  void SetLimits(std::string_view type);

  Fit FitInteger(std::string_view text, FittedValue& fitted) const;
  Fit FitReal(std::string_view text, FittedValue& fitted);
  Fit FitDouble(std::string_view text) const;
  Fit FitDay(std::string_view text, FittedValue& fitted) const;
  Fit FitTime(std::string_view text, FittedValue& fitted) const;
  Fit FitBits(std::string_view text, FittedValue& fitted) const;
  Fit FitBytes(std::string_view text, FittedValue& fitted);
  Fit FitLabel(std::string_view text, FittedValue& fitted) const;
  Fit FitText(std::string_view text, FittedValue& fitted) const;
  Fit FitArray(std::string_view text, FittedValue& fitted);
  Fit FitCharacters(std::string_view text) const;
  Fit FitSize(std::string_view text) const;
  // These put what comes nearest into `text_`; false: nothing does.
  bool NearestText(std::string_view text);
  bool NearestInRange(std::string_view text);

  const model::Column* here_ = nullptr;
  Form form_ = Form::kPlain;
  bool is_mysql_ = false;
  bool is_unsigned_ = false;
  bool exact_ = false;            // a double is what it was
  bool in_utc_ = false;           // of days: with its zone, "+00"
  bool padded_ = false;           // of text: blanks at its end are no data
  bool in_bytes_ = false;         // what `size_` counts, else characters
  bool label_by_number_ = false;  // in LOAD DATA
  int64_t least_ = 0;             // of integers
  uint64_t most_ = 0;
  uint64_t size_ = 0;  // of text and bytes
  wire::postgres::ArrayElements elements_;
  std::unordered_map<std::string_view, uint64_t> labels_;  // views of here_'s
  std::string text_;                                       // of the value in hand
};

}  // namespace godwit::connectors::mysql
