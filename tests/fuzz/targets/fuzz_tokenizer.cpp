#include "text/word_piece.h"

#include <algorithm>
#include <cstdlib>

using namespace clipscope;

namespace {

text::WordPiece words()
{
    auto made = text::WordPiece::fromText(
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\nab\n##cd\n.\n,\nthe\nfish\n##es\ne\n");
    if (!made)
        std::abort();
    return std::move(*made);
}

} // namespace

/// Any bytes as a text, and as a vocabulary. Ids are those of the vocabulary; a limit only
/// shortens.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const text::WordPiece known = words();
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto ids = known.ids(input);
    for (const std::int32_t id : ids)
        if (id < 0 || id >= known.size())
            std::abort();
    std::vector<std::int32_t> some;
    known.append(input, some, 3);
    if (some.size() > ids.size() || !std::equal(some.begin(), some.end(), ids.begin()))
        std::abort();
    if (const auto other = text::WordPiece::fromText(input))
        static_cast<void>(other->ids(input));
    return 0;
}
