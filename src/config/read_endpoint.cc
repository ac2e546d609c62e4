#include "config/read_endpoint.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <array>

#include "base/status.h"
#include "config/encrypted_value.h"

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 5> kTlsModes = {"disabled", "preferred", "required",
                                                       "verify-ca", "verify-full"};

}  // namespace

std::string_view TlsModeName(TlsMode mode) { return kTlsModes[static_cast<size_t>(mode)]; }

void ReadUrl(const YamlValue& value, Endpoint& end, Problems& problems) {
  std::optional<std::string> text = ReadText(value, problems);
  if (!text) return;
  absl::StatusOr<Endpoint> parsed = ParseEndpointUrl(*text);
  if (!parsed.ok()) {
    problems.Error(value.place, "{}: {}", value.path, parsed.status().message());
    return;
  }
  parsed->password = end.password;
  parsed->tls = end.tls;
  end = *std::move(parsed);
}

void ReadPasswordEnv(const YamlValue& value, Endpoint& end, Problems& problems) {
  std::optional<std::string> variable = ReadText(value, problems);
  if (!variable) return;
  // The text stays out of the message: it may be the password itself, put here by mistake.
  auto allowed = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; };
  if (variable->empty() || absl::ascii_isdigit(static_cast<unsigned char>(variable->front())) ||
      !std::all_of(variable->begin(), variable->end(), allowed)) {
    problems.Error(value.place, "{}: has to be the name of an environment variable", value.path);
    return;
  }
  end.password = Secret::FromEnv(*std::move(variable));
}

void ReadPasswordFile(const YamlValue& value, Endpoint& end, Problems& problems) {
  if (auto path = ReadPath(value, "a file", problems))
    end.password = Secret::FromFile(*std::move(path));
}

void ReadPasswordEncrypted(const YamlValue& value, Endpoint& end, Problems& problems) {
  std::optional<std::string> text = ReadText(value, problems);
  if (!text) return;
  // The text stays out of the message here too.
  if (!IsEncryptedValue(*text)) {
    problems.Error(value.place, "{}: has to be what `godwit encrypt` prints: enc:v1:...",
                   value.path);
    return;
  }
  end.password = Secret::Encrypted(*std::move(text));
}

void ReadPassword(const YamlValue& value, Endpoint& end, Problems& problems) {
  std::optional<std::string> password = ReadText(value, problems);
  if (!password) return;
  problems.Warn(value.place,
                "{}: whoever can read this file can read the password; "
                "use password_env, password_file or password_encrypted",
                value.path);
  end.password = Secret::Inline(*std::move(password));
}

void ReadTlsMode(const YamlValue& value, Endpoint& end, Problems& problems) {
  ReadEnum(value, kTlsModes, end.tls.mode, problems);
}

}  // namespace godwit::config
