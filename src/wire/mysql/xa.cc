#include "wire/mysql/xa.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace godwit::wire::mysql {
namespace {

bool Consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// X'00ff' at the beginning of the text; taken off it.
std::optional<std::string_view> TakeHex(std::string_view& text) {
  if (!Consume(text, "X'")) return std::nullopt;
  const size_t end = text.find('\'');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(0, end);
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit)) return std::nullopt;
  text.remove_prefix(end + 1);
  return digits;
}

std::string Hex(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return digits;
}

}  // namespace

std::string XaName(const XaId& id) {
  return fmt::format("{}.{}.{}", Hex(id.gtrid), Hex(id.bqual), id.format);
}

std::optional<XaStatement> ParseXaStatement(std::string_view sql) {
  if (!Consume(sql, "XA ")) return std::nullopt;
  using Verb = XaStatement::Verb;
  constexpr std::array kVerbs = {std::pair{"START ", Verb::kStart}, std::pair{"END ", Verb::kEnd},
                                 std::pair{"COMMIT ", Verb::kCommit},
                                 std::pair{"ROLLBACK ", Verb::kRollback}};
  for (const auto& [word, verb] : kVerbs) {
    if (!Consume(sql, word)) continue;
    const auto gtrid = TakeHex(sql);
    if (!gtrid || !Consume(sql, ",")) return std::nullopt;
    const auto bqual = TakeHex(sql);
    if (!bqual || !Consume(sql, ",")) return std::nullopt;
    if (sql.empty() || !std::all_of(sql.begin(), sql.end(), absl::ascii_isdigit))
      return std::nullopt;
    std::string name = fmt::format("{}.{}.{}", *gtrid, *bqual, sql);
    absl::AsciiStrToLower(&name);
    return XaStatement{verb, std::move(name)};
  }
  return std::nullopt;
}

}  // namespace godwit::wire::mysql
