#include "sql/translate_expression.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "sql/collation_twin.h"
#include "sql/lexer.h"

namespace godwit::sql {
namespace {

using std::string_view;

// Functions of MariaDB 10.11 that MySQL 9.7 has not.
constexpr string_view kMariaDbOnly[] = {
    "add_months",
    "chr",
    "column_add",
    "column_check",
    "column_create",
    "column_delete",
    "column_exists",
    "column_get",
    "column_json",
    "column_list",
    "concat_operator_oracle",
    "crc32c",
    "decode",
    "decode_histogram",
    "decode_oracle",
    "des_decrypt",
    "des_encrypt",
    "encode",
    "encrypt",
    "glength",
    "json_compact",
    "json_detailed",
    "json_equals",
    "json_exists",
    "json_loose",
    "json_normalize",
    "json_query",
    "kdf",
    "lastval",
    "lengthb",
    "lpad_oracle",
    "ltrim_oracle",
    "mbrequal",
    "md5",
    "natural_sort_key",
    "nextval",
    "nvl",
    "nvl2",
    "old_password",
    "password",
    "replace_oracle",
    "rownum",
    "rpad_oracle",
    "rtrim_oracle",
    "setval",
    "sformat",
    "sha",
    "sha1",
    "srid",
    "st_boundary",
    "st_isring",
    "st_pointonsurface",
    "st_relate",
    "substr_oracle",
    "sys_guid",
    "to_char",
    "trim_oracle",
};

// Functions of MySQL 9.7 that MariaDB 10.11 has not.
constexpr string_view kMySqlOnly[] = {
    "any_value",
    "bin_to_uuid",
    "distance",
    "format_bytes",
    "format_pico_time",
    "from_vector",
    "geomcollection",
    "icu_version",
    "is_uuid",
    "json_schema_valid",
    "json_schema_validation_report",
    "json_storage_free",
    "json_storage_size",
    "mbrcoveredby",
    "mbrcovers",
    "regexp_like",
    "st_buffer_strategy",
    "st_collect",
    "st_frechetdistance",
    "st_geohash",
    "st_geomcollfromtxt",
    "st_hausdorffdistance",
    "st_isvalid",
    "st_latfromgeohash",
    "st_latitude",
    "st_lineinterpolatepoint",
    "st_lineinterpolatepoints",
    "st_longfromgeohash",
    "st_longitude",
    "st_makeenvelope",
    "st_numinteriorring",
    "st_pointatdistance",
    "st_pointfromgeohash",
    "st_simplify",
    "st_swapxy",
    "st_transform",
    "st_validate",
    "statement_digest",
    "statement_digest_text",
    "string_to_vector",
    "to_vector",
    "uuid_to_bin",
    "validate_password_strength",
    "vector_dim",
    "vector_to_string",
};

class Translator {
 public:
  Translator(string_view text, std::span<const Token> tokens, Flavour to)
      : text_(text), tokens_(tokens), to_(to) {}

  TranslatedExpression Run() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (to_ == Flavour::kMariaDb && TakeArrow(i)) continue;
      if (tokens_[i].kind == TokenKind::kWord) Look(i);
    }
    result_.text += text_.substr(copied_);
    return std::move(result_);
  }

 private:
  bool IsWord(size_t i, string_view word) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::kWord &&
           base::EqualsIgnoreCase(tokens_[i].raw, word);
  }
  bool IsSymbol(size_t i, char symbol) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::kSymbol &&
           tokens_[i].raw[0] == symbol;
  }
  size_t End(size_t i) const { return tokens_[i].offset + tokens_[i].raw.size(); }

  void Replace(size_t first, size_t last, string_view by) {
    result_.text += text_.substr(copied_, tokens_[first].offset - copied_);
    result_.text += by;
    copied_ = End(last);
  }

  // column->'path' and column->>'path'.
  bool TakeArrow(size_t& i) {
    const TokenKind kind = tokens_[i].kind;
    if (kind != TokenKind::kWord && kind != TokenKind::kIdentifier) return false;
    if (!IsSymbol(i + 1, '-') || !IsSymbol(i + 2, '>')) return false;
    const bool unquotes = IsSymbol(i + 3, '>');
    const size_t path = i + (unquotes ? 4 : 3);
    if (path >= tokens_.size() || tokens_[path].kind != TokenKind::kString) return false;
    std::string call =
        "json_extract(" + std::string(tokens_[i].raw) + "," + std::string(tokens_[path].raw) + ")";
    if (unquotes) call = "json_unquote(" + call + ")";
    Replace(i, path, call);
    i = path;
    return true;
  }

  void Look(size_t i) {
    if (i > 0 && IsWord(i - 1, "COLLATE")) return TakeCollation(i);
    const bool to_mysql = to_ == Flavour::kMySql;
    if (IsSymbol(i + 1, '(')) {
      const std::string name = absl::AsciiStrToLower(std::string(tokens_[i].raw));
      const std::span<const string_view> missing = to_mysql
                                                       ? std::span<const string_view>(kMariaDbOnly)
                                                       : std::span<const string_view>(kMySqlOnly);
      if (std::ranges::find(missing, name) != missing.end()) {
        Miss(name + "()");
      } else if (name.starts_with("regexp_")) {
        Note(result_.patterns, name + "()");
      }
    }
    if (IsWord(i, "REGEXP") || IsWord(i, "RLIKE")) Note(result_.patterns, "REGEXP");
    if (to_mysql && IsWord(i + 1, "VALUE") && IsWord(i + 2, "FOR") &&
        (IsWord(i, "NEXT") || IsWord(i, "PREVIOUS")))
      Miss("sequences");
    if (!to_mysql && IsWord(i, "AS") && IsWord(i + 1, "JSON")) Miss("CAST(... AS JSON)");
    if (!to_mysql && IsWord(i, "MEMBER") && IsWord(i + 1, "OF")) Miss("MEMBER OF");
    if (!to_mysql && IsWord(i, "ARRAY") && IsSymbol(i + 1, ')')) Miss("CAST(... AS ... ARRAY)");
  }

  void TakeCollation(size_t i) {
    const std::string name = absl::AsciiStrToLower(std::string(tokens_[i].raw));
    const std::optional<CollationTwin> twin = TwinOf(name, to_);
    if (!twin) return Miss("collation " + name);
    if (twin->collation != name) Replace(i, i, twin->collation);
  }

  void Miss(string_view what) { Note(result_.unknown, what); }
  static void Note(std::vector<std::string>& list, string_view what) {
    if (std::ranges::find(list, what) == list.end()) list.emplace_back(what);
  }

  const string_view text_;
  const std::span<const Token> tokens_;
  const Flavour to_;
  TranslatedExpression result_;
  size_t copied_ = 0;  // of text_
};

}  // namespace

TranslatedExpression TranslateExpression(string_view expression, Flavour to) {
  ParseOptions options;
  options.flavour = to == Flavour::kMySql ? Flavour::kMariaDb : Flavour::kMySql;
  auto tokens = Lex(expression, options);
  if (!tokens.ok()) return {std::string(expression), {}, {}};  // the target will say what is wrong
  tokens->pop_back();                                          // the end
  return Translator(expression, *tokens, to).Run();
}

}  // namespace godwit::sql
