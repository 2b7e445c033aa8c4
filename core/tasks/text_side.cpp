#include "tasks/text_side.h"

#include "tensor/device.h"

#include <torch/types.h>

#include <algorithm>
#include <numeric>

namespace clipscope::tasks {

namespace {

constexpr std::size_t batchTexts = 64;

} // namespace

Result<TextVectors> embedThrough(
    const text::WordPiece& words, const model::TextTower& tower, std::span<const std::string> texts)
{
    const tensor::InferenceScope inference;
    const auto most = static_cast<std::size_t>(tower.config().maxTokens);
    TextVectors result;
    std::vector<std::vector<std::int32_t>> ids(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        words.append(texts[i], ids[i], most + 1);
        if (ids[i].empty())
            return fail(ErrorKind::BadInput,
                texts.size() == 1 ? "The query has no words."
                                  : "Text " + std::to_string(i + 1) + " has no words.",
                {}, "Type at least one word.");
        if (ids[i].size() > most) {
            ids[i].resize(most);
            result.cut.push_back(i);
        }
    }
    // Similar lengths share a batch, so that little padding is computed.
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return ids[a].size() < ids[b].size(); });
    result.vectors = torch::empty(
        { static_cast<std::int64_t>(texts.size()), tower.config().bert.width }, torch::kFloat32);
    for (std::size_t first = 0; first < order.size(); first += batchTexts) {
        const std::size_t count = std::min(batchTexts, order.size() - first);
        const auto B = static_cast<std::int64_t>(count);
        const auto L = static_cast<std::int64_t>(ids[order[first + count - 1]].size()) + 2;
        auto tokens = torch::full({ B, L }, words.padId(), torch::kInt64);
        auto mask = torch::zeros({ B, L }, torch::kBool);
        std::vector<std::int64_t> rows(count);
        for (std::size_t b = 0; b < count; ++b) {
            const auto& row = ids[order[first + b]];
            rows[b] = static_cast<std::int64_t>(order[first + b]);
            auto* to = tokens.data_ptr<std::int64_t>() + static_cast<std::int64_t>(b) * L;
            auto* valid = mask.data_ptr<bool>() + static_cast<std::int64_t>(b) * L;
            to[0] = words.clsId();
            std::copy(row.begin(), row.end(), to + 1);
            to[row.size() + 1] = words.sepId();
            std::fill_n(valid, row.size() + 2, true);
        }
        result.vectors.index_copy_(
            0, torch::tensor(rows), tower.encode(tokens, mask).to(torch::kFloat32).cpu());
    }
    return result;
}

} // namespace clipscope::tasks
