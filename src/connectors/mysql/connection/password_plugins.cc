#include "connectors/mysql/connection/password_plugins.h"

#include <errmsg.h>
#include <mysql.h>
#include <mysql/plugin_auth.h>
#include <mysqld_error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/mysql/connection/tls.h"

namespace godwit::connectors::mysql {
namespace {

using config::TlsMode;

// The library's, which need no more than a proof, and those here.
constexpr char kPlugins[] =
    "mysql_native_password,client_ed25519,auth_gssapi_client,caching_sha2_password,"
    "sha256_password,mysql_clear_password,dialog";

// Under which a handle keeps its endpoint.
constexpr char kEndpoint[] = "godwit_endpoint";
constexpr size_t kNonceBytes = 20;
// What caching_sha2_password says in one byte.
constexpr char kAskKey = 2, kKnown = 3, kShow = 4;
constexpr char kAskKeySha256 = 1;
// What the library has for passwords that are hardly sealed, which nobody uses any more.
constexpr int kNotShown = CR_SECURE_AUTH;
// The bits of the byte before a question of dialog.
constexpr unsigned char kLastQuestion = 1;
constexpr int kMostQuestions = 20;

TlsMode ModeOf(MYSQL* handle) {
  void* endpoint = nullptr;
  mysql_get_optionv(handle, MARIADB_OPT_USERDATA, const_cast<char*>(kEndpoint), &endpoint);
  return endpoint == nullptr ? TlsMode::kVerifyFull
                             : static_cast<const config::Endpoint*>(endpoint)->tls.mode;
}

bool IsPrivate(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  if (TlsSession(handle) != nullptr) return true;
  MYSQL_PLUGIN_VIO_INFO info = {};
  vio->info(vio, &info);
  return info.protocol == MYSQL_PLUGIN_VIO_INFO::MYSQL_VIO_SOCKET;
}

// Before the first packet is written, and with it TLS begun where it was asked for and is offered.
bool WillBePrivate(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  return IsPrivate(vio, handle) ||
         (ModeOf(handle) != TlsMode::kDisabled && (handle->server_capabilities & CLIENT_SSL) != 0);
}

bool Write(MYSQL_PLUGIN_VIO* vio, std::string_view packet) {
  return vio->write_packet(vio, reinterpret_cast<const unsigned char*>(packet.data()),
                           static_cast<int>(packet.size())) == 0;
}

// Nothing where the connection is lost or the server has refused: the handle has the error.
std::optional<std::string_view> Read(MYSQL_PLUGIN_VIO* vio) {
  unsigned char* data = nullptr;
  const int size = vio->read_packet(vio, &data);
  if (size < 0 || (size > 0 && data == nullptr)) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
}

// As Read, without the byte that marks what belongs to a plugin's own conversation.
std::optional<std::string_view> ReadMore(MYSQL_PLUGIN_VIO* vio) {
  std::optional<std::string_view> packet = Read(vio);
  if (packet && packet->size() > 1 && packet->front() == '\1') packet->remove_prefix(1);
  return packet;
}

// The password as it is sent: with a zero at its end.
std::string_view Shown(const MYSQL* handle) {
  return {handle->passwd, std::strlen(handle->passwd) + 1};
}

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;
Digest Sha256(std::string_view data) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  return digest;
}
std::string_view View(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// SHA256(password) XOR SHA256(SHA256(SHA256(password)) nonce)
std::string Proof(std::string_view password, std::string_view nonce) {
  const Digest once = Sha256(password);
  std::string twice(View(Sha256(View(once))));
  const Digest mask = Sha256(twice.append(nonce));
  std::string proof(View(once));
  for (size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ mask[i]);
  return proof;
}

// RSA with OAEP of the password XOR the nonce, as often as it takes; nothing where `pem` is no
// public key, or one that is too short for the password.
std::optional<std::string> Seal(std::string_view shown, std::string_view nonce,
                                std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr) return std::nullopt;
  std::string masked(shown);
  for (size_t i = 0; i < masked.size(); ++i)
    masked[i] = static_cast<char>(masked[i] ^ nonce[i % nonce.size()]);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  std::string sealed(static_cast<size_t>(EVP_PKEY_get_size(key.get())), '\0');
  size_t size = sealed.size();
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(sealed.data()), &size,
                       reinterpret_cast<const unsigned char*>(masked.data()), masked.size()) <= 0) {
    return std::nullopt;
  }
  sealed.resize(size);
  return sealed;
}

// Shows the password, or seals it with the key that the server sends when asked by `ask`.
int Give(MYSQL_PLUGIN_VIO* vio, MYSQL* handle, std::string_view nonce, char ask) {
  if (IsPrivate(vio, handle)) return Write(vio, Shown(handle)) ? CR_OK : CR_ERROR;
  if (!Write(vio, {&ask, 1})) return CR_ERROR;
  const std::optional<std::string_view> pem = ReadMore(vio);
  // One that has no key says no more than that it refuses.
  if (!pem) return mysql_errno(handle) == ER_ACCESS_DENIED_ERROR ? CR_AUTH_PLUGIN_ERR : CR_ERROR;
  const std::optional<std::string> sealed = Seal(Shown(handle), nonce, *pem);
  ERR_clear_error();  // which the library would take for its connection's
  if (!sealed) return CR_AUTH_PLUGIN_ERR;
  return Write(vio, *sealed) ? CR_OK : CR_ERROR;
}

bool MaySeal(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  return WillBePrivate(vio, handle) || ModeOf(handle) <= TlsMode::kPreferred;
}

std::optional<std::string> ReadNonce(MYSQL_PLUGIN_VIO* vio) {
  const std::optional<std::string_view> packet = Read(vio);
  if (!packet || packet->size() < kNonceBytes) return std::nullopt;
  return std::string(packet->substr(0, kNonceBytes));
}

int CachingSha2(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  if (!MaySeal(vio, handle)) return kNotShown;
  const std::optional<std::string> nonce = ReadNonce(vio);
  if (!nonce) return CR_SERVER_HANDSHAKE_ERR;
  if (*handle->passwd == '\0') return Write(vio, Shown(handle)) ? CR_OK : CR_ERROR;
  if (!Write(vio, Proof(handle->passwd, *nonce))) return CR_ERROR;
  const std::optional<std::string_view> answer = ReadMore(vio);
  if (!answer) return CR_ERROR;
  if (answer->size() == 1 && answer->front() == kKnown) return CR_OK;
  if (answer->size() != 1 || answer->front() != kShow) return CR_SERVER_HANDSHAKE_ERR;
  return Give(vio, handle, *nonce, kAskKey);
}

int Sha256Password(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  if (!MaySeal(vio, handle)) return kNotShown;
  const std::optional<std::string> nonce = ReadNonce(vio);
  if (!nonce) return CR_SERVER_HANDSHAKE_ERR;
  if (*handle->passwd == '\0') return Write(vio, Shown(handle)) ? CR_OK : CR_ERROR;
  return Give(vio, handle, *nonce, kAskKeySha256);
}

bool MayShow(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  return WillBePrivate(vio, handle) || ModeOf(handle) == TlsMode::kDisabled;
}

int Clear(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  if (!MayShow(vio, handle)) return kNotShown;
  return Write(vio, Shown(handle)) ? CR_OK : CR_ERROR;
}

// The password is the answer to every question.
int Dialog(MYSQL_PLUGIN_VIO* vio, MYSQL* handle) {
  if (!MayShow(vio, handle)) return kNotShown;
  bool last = false;
  for (int question = 0; !last; ++question) {
    unsigned char* data = nullptr;
    const int size = vio->read_packet(vio, &data);
    if (size < 0) return CR_ERROR;
    if (question == kMostQuestions) return CR_SERVER_HANDSHAKE_ERR;
    if (size > 0) {
      if (*data == 0 || *data == 254) {  // no question, but the end of it all
        if (question == 0) return CR_SERVER_HANDSHAKE_ERR;
        handle->net.read_pos = data;
        return CR_OK_HANDSHAKE_COMPLETE;
      }
      last = (*data & kLastQuestion) != 0;
    }
    if (!Write(vio, Shown(handle))) return CR_ERROR;
  }
  return CR_OK;
}

// st_mysql_client_plugin_AUTHENTICATION of <mysql/client_plugin.h>, which includes a header that
// the library's package has not.
struct Plugin {
  int type = 2;  // MYSQL_CLIENT_AUTHENTICATION_PLUGIN
  unsigned interface_version = 0x0100;
  const char* name = nullptr;
  const char* author = "";
  const char* desc = "";
  unsigned version[3] = {};
  const char* license = "";
  void* mysql_api = nullptr;
  int (*init)(char*, size_t, int, va_list) = nullptr;
  int (*deinit)() = nullptr;
  int (*options)(const char* option, const void*) = nullptr;
  int (*authenticate_user)(MYSQL_PLUGIN_VIO*, MYSQL*) = nullptr;
};

Plugin Named(const char* name, int (*authenticate)(MYSQL_PLUGIN_VIO*, MYSQL*)) {
  Plugin plugin;
  plugin.name = name;
  plugin.authenticate_user = authenticate;
  return plugin;
}

bool Register(MYSQL* handle) {
  static std::array<Plugin, 4> plugins = {
      Named("caching_sha2_password", CachingSha2), Named("sha256_password", Sha256Password),
      Named("mysql_clear_password", Clear), Named("dialog", Dialog)};
  for (Plugin& plugin : plugins) {
    auto* own = reinterpret_cast<st_mysql_client_plugin*>(&plugin);
    if (mysql_client_register_plugin(handle, own) != own) return false;  // the library has one
  }
  return true;
}

}  // namespace

base::Status UsePasswordPlugins(st_mysql* handle, const config::Endpoint& endpoint) {
  static std::once_flag once;
  static bool registered = false;
  std::call_once(once, [&] { registered = Register(handle); });
  if (!registered)
    return base::FailedPrecondition(
        "the client library has plugins of its own for passwords ({}): run without "
        "LIBMYSQL_PLUGINS in the environment",
        mysql_error(handle));
  mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, kPlugins);
  mysql_optionsv(handle, MARIADB_OPT_USERDATA, const_cast<char*>(kEndpoint),
                 const_cast<void*>(static_cast<const void*>(&endpoint)));
  return base::OkStatus();
}

bool HasKeptPassword(st_mysql* handle) { return mysql_errno(handle) == kNotShown; }

}  // namespace godwit::connectors::mysql
