#include <absl/strings/ascii.h>

#include "base/status.h"
#include "base/text.h"
#include "config/dm/dm_keys.h"
#include "config/dm/dm_report.h"
#include "config/endpoint.h"
#include "config/yaml_value.h"

namespace godwit::config {
namespace {

// DM holds a certificate of a server against `ssl-ca` without looking at the host's name.
YAML::Node DmSsl(const YAML::Node& security, const std::string& path, Problems& problems) {
  YAML::Node ssl;
  for (const auto& [theirs, ours] :
       {std::pair("ssl-ca", "ca"), std::pair("ssl-cert", "cert"), std::pair("ssl-key", "key")}) {
    const std::string file = DmText(security, theirs);
    if (file.empty()) continue;
    if (!file.starts_with('/')) {
      problems.Error(DmPlace(DmChild(security, theirs)),
                     "{}.security.{}: a relative path has no folder to start from on the workers' "
                     "machines; write the absolute one (ssl.{})",
                     path, theirs, ours);
      continue;
    }
    ssl[ours] = file;
  }
  if (ssl["cert"].IsDefined() != ssl["key"].IsDefined()) {
    ssl.remove("cert");
    ssl.remove("key");
  }
  if (!ssl.IsMap() || ssl.size() == 0) return {};
  YAML::Node all;
  all["mode"] = ssl["ca"].IsDefined() ? "verify-ca" : "required";
  for (const auto& entry : ssl) all[entry.first] = entry.second;
  all.SetStyle(YAML::EmitterStyle::Flow);
  return all;
}

}  // namespace

std::string DmName(const std::string& name) {
  std::string ours;
  for (const char c : absl::AsciiStrToLower(name)) {
    const auto byte = static_cast<unsigned char>(c);
    ours += absl::ascii_isalnum(byte) || c == '_' || c == '-' ? c : '-';
  }
  constexpr size_t kLongest = 64;
  return ours.substr(0, kLongest);
}

std::string DmVariable(const std::string& name) {
  std::string variable = "GODWIT_" + absl::AsciiStrToUpper(DmName(name)) + "_PASSWORD";
  for (char& c : variable) c = c == '-' ? '_' : c;
  return variable;
}

YAML::Node DmEndpoint(const YAML::Node& from, const std::string& path, const std::string& scheme,
                      const std::string& variable, DmReport& report) {
  YAML::Node end(YAML::NodeType::Map);
  const FilePlace place = from.IsMap() ? DmPlace(from) : FilePlace{};
  Endpoint endpoint;
  endpoint.scheme = scheme;
  endpoint.host = DmText(from, "host");
  endpoint.user = DmText(from, "user");
  const std::string port = DmText(from, "port");
  endpoint.port = base::ParseInteger<uint16_t>(port.empty() ? "3306" : port).value_or(0);
  const std::string url = endpoint.ToString();
  if (endpoint.host.empty() || endpoint.user.empty()) {
    report.fatal.Error(place, "{}: needs host, port and user", path);
    return end;
  }
  if (const auto parsed = ParseEndpointUrl(url); !parsed.ok() || endpoint.port == 0) {
    report.fatal.Error(place, "{}: {}", path,
                       endpoint.port == 0 ? "port: has to be from 1 to 65535"
                                          : std::string(parsed.status().message()));
    return end;
  }
  end["url"] = url;
  if (!DmText(from, "password").empty()) {
    end["password_env"] = variable;
    report.kept.Warn(
        DmPlace(DmChild(from, "password")),
        "{}.password: passwords are not carried over, as DM's key is not Godwit's; "
        "encrypt it anew by `godwit encrypt` and write password_encrypted in the place "
        "of password_env, or set the variable {} where workers run",
        path, variable);
  }
  const YAML::Node ssl = DmSsl(DmChild(from, "security"), path, report.kept);
  if (ssl.IsMap()) end["ssl"] = ssl;
  return end;
}

}  // namespace godwit::config
