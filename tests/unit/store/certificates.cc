#include "certificates.h"

#include <cstdlib>

#include "base/status.h"

namespace godwit::store {

Certificates::Certificates() {
  const std::string ca = Make("ca").cert;
  server_ = Make("server", "ca");
  client_ = Make("client", "ca");
  server_.ca = client_.ca = ca;
}

EtcdTls Certificates::Make(const std::string& name, const std::string& signer) const {
  EtcdTls made;
  made.cert = fmt::format("{}/{}.pem", folder_.path(), name);
  made.key = fmt::format("{}/{}.key", folder_.path(), name);
  std::string command = fmt::format(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN={} -keyout {} -out {}",
      name, made.key, made.cert);
  if (!signer.empty()) {
    command += fmt::format(
        " -CA {0}/{1}.pem -CAkey {0}/{1}.key -addext basicConstraints=critical,CA:FALSE "
        "-addext subjectAltName=IP:127.0.0.1",
        folder_.path(), signer);
  }
  EXPECT_EQ(std::system((command + " 2>/dev/null").c_str()), 0) << command;
  return made;
}

}  // namespace godwit::store
