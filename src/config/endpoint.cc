#include "config/endpoint.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/status.h"
#include "base/text.h"

namespace godwit::config {
namespace {

struct Scheme {
  std::string_view name;    // in the url
  std::string_view called;  // Endpoint::scheme
  uint16_t port;
  bool has_databases;  // a connection is to one of them
  std::string_view form;
};
constexpr std::string_view kMysqlForm = "mysql://user@host:3306 or mysql://user@?socket=/path";
constexpr std::string_view kPostgresForm =
    "postgres://user@host:5432/database or "
    "postgres://user@/database?socket=/var/run/postgresql/.s.PGSQL.5432";
constexpr std::array<Scheme, 4> kSchemes = {
    {{"mysql", "mysql", 3306, false, kMysqlForm},
     {"mariadb", "mariadb", 3306, false, kMysqlForm},
     {"postgres", "postgres", 5432, true, kPostgresForm},
     {"postgresql", "postgres", 5432, true, kPostgresForm}}};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing when a % is not followed by two hexadecimal digits, or stands for a zero byte.
std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// `special` are the characters to encode besides blanks and control characters.
std::string PercentEncode(std::string_view text, std::string_view special) {
  std::string encoded;
  for (char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || special.find(c) != std::string_view::npos) {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      encoded += c;
    }
  }
  return encoded;
}

// Takes `prefix` off the front of `text`; false when it is not there.
bool Consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// host, host:port, [v6] or [v6]:port.
absl::StatusOr<Host> ReadHost(std::string_view text, const Scheme& scheme) {
  std::string_view host = text, port;
  bool has_port = false;
  if (Consume(text, "[")) {
    size_t close = text.find(']');
    if (close == std::string_view::npos) return base::InvalidArgument("the [ of the host has no ]");
    host = text.substr(0, close);
    port = text.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) {
      return base::InvalidArgument("only :port may follow the ] of the host");
    }
    has_port = Consume(port, ":");
  } else if (size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
    if (port.find(':') != std::string_view::npos) {
      return base::InvalidArgument("write an IPv6 address in brackets: [::1]:{}", scheme.port);
    }
  }
  if (host.empty()) return base::InvalidArgument("the host is missing; write {}", scheme.form);
  if (host.find_first_of("/\\ \t\r\n[]%") != std::string_view::npos) {
    return base::InvalidArgument("the host has a character that no host has");
  }
  Host read{std::string(host), scheme.port};
  if (has_port) {
    std::optional<uint16_t> number = base::ParseInteger<uint16_t>(port);
    if (!number || *number == 0) {
      return base::InvalidArgument("the port has to be a whole number from 1 to 65535");
    }
    read.port = *number;
  }
  return read;
}

// One, or several with commas between.
absl::Status ReadHosts(std::string_view text, const Scheme& scheme, Endpoint& endpoint) {
  std::vector<Host> hosts;
  while (true) {
    const size_t comma = std::min(text.find(','), text.size());
    GODWIT_ASSIGN_OR_RETURN(Host host, ReadHost(text.substr(0, comma), scheme));
    if (std::ranges::find(hosts, host) != hosts.end()) {
      return base::InvalidArgument("the host {} stands in the url twice", host.name);
    }
    hosts.push_back(std::move(host));
    if (comma == text.size()) break;
    text.remove_prefix(comma + 1);
  }
  endpoint.host = std::move(hosts.front().name);
  endpoint.port = hosts.front().port;
  endpoint.others.assign(hosts.begin() + 1, hosts.end());
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadUser(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return base::InvalidArgument(
        "a password must not stand in the url; use password_env or password_file");
  }
  std::optional<std::string> user = PercentDecode(text);
  if (!user || text.find_first_of("@/#") != std::string_view::npos) {
    return base::InvalidArgument(
        "write characters such as @ / ? # % of the user as %40 %2F %3F %23 %25");
  }
  return *std::move(user);
}

absl::StatusOr<std::string> ReadSocket(std::string_view option) {
  std::optional<std::string> path;
  if (Consume(option, "socket=") && option.find('&') == std::string_view::npos) {
    path = PercentDecode(option);
  }
  if (!path || !path->starts_with('/')) {
    return base::InvalidArgument("after the ? only socket=/path is understood");
  }
  return *std::move(path);
}

std::string AddressOf(const Host& host) {
  const bool is_ipv6 = host.name.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host.name, host.port)
                 : fmt::format("{}:{}", host.name, host.port);
}

}  // namespace

std::string Endpoint::ToString() const {
  std::string text = fmt::format("{}://{}@", scheme, PercentEncode(user, "%@:/?#"));
  const std::string path = database.empty() ? "" : "/" + PercentEncode(database, "%@:/?#");
  if (host.empty()) return text + path + "?socket=" + PercentEncode(socket, "%&");
  return text + Address() + path;
}

std::string Endpoint::Address() const {
  if (host.empty()) return socket;
  std::string text = AddressOf({host, port});
  for (const Host& other : others) text += "," + AddressOf(other);
  return text;
}

std::vector<Endpoint> Endpoint::Each() const {
  std::vector<Endpoint> each(1, *this);
  each.front().others.clear();
  for (const Host& other : others) {
    each.push_back(each.front());
    each.back().host = other.name;
    each.back().port = other.port;
  }
  return each;
}

absl::StatusOr<Endpoint> ParseEndpointUrl(std::string_view url) {
  Endpoint endpoint;
  size_t scheme_end = url.find("://");
  const auto* scheme = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& s) {
    return url.substr(0, scheme_end) == s.name;
  });
  if (scheme_end == std::string_view::npos || scheme == kSchemes.end()) {
    return base::InvalidArgument(
        "the url has to begin with mysql://, mariadb:// or postgres://; write {} or {}", kMysqlForm,
        kPostgresForm);
  }
  endpoint.scheme = scheme->called;
  url.remove_prefix(scheme_end + 3);

  size_t query = url.find('?');
  std::string_view authority = url.substr(0, query);
  // The last @ ends the user: a stray one in front belongs to a password, which is refused.
  size_t at = authority.rfind('@');
  if (at == std::string_view::npos || at == 0) {
    return base::InvalidArgument("the user is missing; write {}", scheme->form);
  }
  GODWIT_ASSIGN_OR_RETURN(endpoint.user, ReadUser(authority.substr(0, at)));

  std::string_view host = authority.substr(at + 1);
  if (scheme->has_databases) {
    const size_t slash = std::min(host.find('/'), host.size());
    std::optional<std::string> database = PercentDecode(host.substr(slash));
    if (!database || database->size() < 2) {
      return base::InvalidArgument("the database is missing at the end of the url; write {}",
                                   scheme->form);
    }
    endpoint.database = database->substr(1);
    host = host.substr(0, slash);
  }
  if (host.ends_with('/')) host.remove_suffix(1);
  if (host.find('/') != std::string_view::npos) {
    return base::InvalidArgument("the url names a database; tables.include says what is migrated");
  }
  if (query == std::string_view::npos) {
    GODWIT_RETURN_IF_ERROR(ReadHosts(host, *scheme, endpoint));
    return endpoint;
  }
  GODWIT_ASSIGN_OR_RETURN(endpoint.socket, ReadSocket(url.substr(query + 1)));
  if (!host.empty()) return base::InvalidArgument("the url has both a host and a socket");
  return endpoint;
}

}  // namespace godwit::config
