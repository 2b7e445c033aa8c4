#include "store/share.h"

#include <charconv>

namespace clipscope::store {

std::string Share::folderName() const
{
    return "part-" + std::to_string(index) + "-of-" + std::to_string(count);
}

Result<Share> parseShare(std::string_view text)
{
    constexpr std::int64_t most = 100'000;
    Share share;
    if (text.empty())
        return share;
    const std::size_t slash = std::min(text.find('/'), text.size());
    const auto number = [](std::string_view digits, std::int64_t& value) {
        const auto [end, error]
            = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc() && end == digits.data() + digits.size();
    };
    if (slash == text.size() || !number(text.substr(0, slash), share.index)
        || !number(text.substr(slash + 1), share.count) || share.count < 1 || share.count > most
        || share.index < 0 || share.index >= share.count)
        return fail(ErrorKind::BadInput, "This is no share: " + std::string(text) + ".", {},
            "Shares count from 0: of four they are 0/4, 1/4, 2/4 and 3/4.");
    return share;
}

} // namespace clipscope::store
