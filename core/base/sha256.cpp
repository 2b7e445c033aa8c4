#include "base/sha256.h"

#include <array>
#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

namespace clipscope {

Result<std::string> sha256OfFile(const std::filesystem::path& path, std::stop_token stop)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return fail(std::filesystem::exists(path) ? ErrorKind::Io : ErrorKind::NotFound,
            "The file cannot be opened.", { path, {} });
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
        EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
    std::vector<char> buffer(std::size_t(1) << 20);
    while (good && file) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Stopped while reading.", { path, {} });
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        good = EVP_DigestUpdate(
                   context.get(), buffer.data(), static_cast<std::size_t>(file.gcount()))
            == 1;
    }
    if (file.bad())
        return fail(ErrorKind::Io, "The file cannot be read.", { path, {} });
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!good || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
        return fail(ErrorKind::Internal, "SHA-256 is not to be had from OpenSSL.", { path, {} });
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4];
        hex += digits[digest[i] & 15];
    }
    return hex;
}

} // namespace clipscope
