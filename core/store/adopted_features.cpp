#include "store/adopted_features.h"

#include "base/files.h"
#include "base/require.h"
#include "store/bytes.h"

#include <algorithm>

namespace clipscope::store {

namespace {

constexpr std::string_view magic = "CLIPNPYS";
constexpr std::uint32_t formatVersion = 1;
constexpr std::size_t headBytes = 80, contentBytes = 32;

} // namespace

Status writeAdoptedFeatures(const std::filesystem::path& file, const AdoptedFeatures& features)
{
    CLIP_REQUIRE(features.content.size() <= contentBytes, features.content);
    std::string bytes(headBytes, '\0');
    std::copy(magic.begin(), magic.end(), bytes.begin());
    put(bytes, 8, formatVersion);
    put(bytes, 12, static_cast<std::uint32_t>(features.width));
    put(bytes, 16, static_cast<std::uint64_t>(features.seconds.size()));
    put(bytes, 24, static_cast<std::uint32_t>(features.folder.size()));
    put(bytes, 28, static_cast<std::uint32_t>(features.encoder.size()));
    std::copy(features.content.begin(), features.content.end(), bytes.begin() + 32);
    bytes.append(reinterpret_cast<const char*>(features.seconds.data()),
        features.seconds.size() * sizeof(std::uint32_t));
    bytes += features.folder + features.encoder;
    put(bytes, 64, checksumOf(std::string_view(bytes).substr(headBytes)));
    put(bytes, 72, checksumOf(std::string_view(bytes).substr(0, 72)));
    return writeFileAtomically(file, bytes);
}

Result<AdoptedFeatures> readAdoptedFeatures(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string bytes, readFile(file));
    const auto damaged = [&](std::size_t byte) {
        return fail(ErrorKind::BadInput, "The list of feature files is damaged.",
            { file, "byte " + std::to_string(byte) }, "Import the features again.");
    };
    if (bytes.size() < headBytes || !bytes.starts_with(magic))
        return damaged(0);
    const std::string_view view = bytes;
    if (get<std::uint32_t>(view, 8) > formatVersion)
        return fail(ErrorKind::Unsupported,
            "The list of feature files was made by a newer Clipscope.", { file, {} },
            "Use that one, or import the features again.");
    if (get<std::uint64_t>(view, 72) != checksumOf(view.substr(0, 72)))
        return damaged(72);
    const auto count = get<std::uint64_t>(view, 16);
    const std::uint64_t folder = get<std::uint32_t>(view, 24);
    const std::uint64_t encoder = get<std::uint32_t>(view, 28);
    const std::string_view rest = view.substr(headBytes);
    if (count > rest.size() / 4 || rest.size() != count * 4 + folder + encoder
        || get<std::uint64_t>(view, 64) != checksumOf(rest))
        return damaged(headBytes);
    AdoptedFeatures features;
    features.width = get<std::uint32_t>(view, 12);
    const std::string_view content = view.substr(32, contentBytes);
    features.content = content.substr(0, content.find('\0'));
    features.seconds.resize(count);
    std::memcpy(features.seconds.data(), rest.data(), count * 4);
    features.folder = rest.substr(count * 4, folder);
    features.encoder = rest.substr(count * 4 + folder);
    return features;
}

} // namespace clipscope::store
