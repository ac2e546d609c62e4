#include "connectors/postgres/definition/definition_text.h"

#include <cctype>

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

struct Token {
  std::string text;  // of a name without its quotes
  bool is_name = false;
  size_t begin = 0, end = 0;  // in the text
};

bool BeginsName(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool GoesOn(char c) {
  return BeginsName(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

// Up to the quote that ends it; one that is doubled does not, nor what a backslash is before.
size_t EndOfQuoted(std::string_view text, size_t at, bool backslashes) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (backslashes && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

std::string Unquoted(std::string_view quoted) {
  std::string name;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return name;
}

std::vector<Token> Split(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    size_t end = at + 1;
    if (c == ' ') {
      at = end;
      continue;
    }
    if (c == '\'' || ((c == 'E' || c == 'e') && end < text.size() && text[end] == '\'')) {
      end = EndOfQuoted(text, c == '\'' ? at : end, c != '\'');
      tokens.push_back({std::string(text.substr(at, end - at)), false});
    } else if (c == '"') {
      end = EndOfQuoted(text, at, false);
      tokens.push_back({Unquoted(text.substr(at, end - at)), true});
    } else if (BeginsName(c)) {
      while (end < text.size() && GoesOn(text[end])) ++end;
      tokens.push_back({std::string(text.substr(at, end - at)), true});
    } else {
      tokens.push_back({std::string(1, c), false});
    }
    tokens.back().begin = at;
    tokens.back().end = end;
    at = end;
  }
  return tokens;
}

}  // namespace

std::string Normalized(std::string_view text, const Renames& renames, std::string_view own) {
  const std::vector<Token> tokens = Split(text);
  std::string normalized;
  bool own_met = own.empty();
  const auto add = [&](const Token& token) {
    normalized += token.is_name ? "\"" + token.text + "\" " : token.text + " ";
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool qualified =
        i + 2 < tokens.size() && tokens[i + 1].text == "." && tokens[i + 2].is_name;
    if (token.is_name && !own_met && token.text == own) {
      own_met = true;
      normalized += "? ";
    } else if (token.is_name && qualified) {
      const auto found = renames.tables.find({token.text, tokens[i + 2].text});
      const bool renamed = found != renames.tables.end();
      add({renamed ? found->second.schema : token.text, true});
      add(tokens[i + 1]);
      add({renamed ? found->second.table : tokens[i + 2].text, true});
      i += 2;
    } else if (const auto column = renames.columns.find(token.text);
               token.is_name && column != renames.columns.end()) {
      add({column->second, true});
    } else {
      add(token);
    }
  }
  return normalized;
}

std::string WithNewParent(std::string_view foreign_key, const Renames& of_parent) {
  const std::vector<Token> tokens = Split(foreign_key);
  std::string text;
  size_t written = 0;
  const auto put = [&](const Token& from, const Token& to, const std::string& instead) {
    text.append(foreign_key.substr(written, from.begin - written)).append(instead);
    written = to.end;
  };
  bool of_child = true;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (of_child) {
      // A column of this name has quotes around it.
      of_child = token.text != "REFERENCES" || foreign_key[token.begin] == '"';
      continue;
    }
    if (!token.is_name && token.text == ")") break;
    if (!token.is_name) continue;
    if (i + 2 < tokens.size() && tokens[i + 1].text == "." && !tokens[i + 1].is_name) {
      const auto table = of_parent.tables.find({token.text, tokens[i + 2].text});
      if (table != of_parent.tables.end()) put(token, tokens[i + 2], QuoteName(table->second));
      i += 2;
    } else if (const auto column = of_parent.columns.find(token.text);
               column != of_parent.columns.end()) {
      put(token, token, QuoteName(column->second));
    }
  }
  return text.append(foreign_key.substr(written));
}

}  // namespace godwit::connectors::postgres
