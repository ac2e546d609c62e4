#pragma once

#include <string>

#include "config/endpoint.h"
#include "config/yaml_value.h"

// The keys of one end of a task. What is wrong goes to `problems`.
namespace godwit::config {

// All but the password and the encryption, which have keys of their own.
void ReadUrl(const YamlValue& value, Endpoint& end, Problems& problems);

void ReadPasswordEnv(const YamlValue& value, Endpoint& end, Problems& problems);
void ReadPasswordFile(const YamlValue& value, Endpoint& end, Problems& problems);
void ReadPasswordEncrypted(const YamlValue& value, Endpoint& end, Problems& problems);
void ReadPassword(const YamlValue& value, Endpoint& end, Problems& problems);

void ReadTlsMode(const YamlValue& value, Endpoint& end, Problems& problems);

template <std::string TlsOptions::*kFile>
void ReadTlsFile(const YamlValue& value, Endpoint& end, Problems& problems) {
  if (auto path = ReadPath(value, "a file", problems)) end.tls.*kFile = *std::move(path);
}

}  // namespace godwit::config
