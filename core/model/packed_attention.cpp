#include "model/packed_attention.h"

#include "base/require.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace clipscope::model {

namespace {

/// Where sequence i stands: its rows among the tokens, its weights among all weights.
struct Place
{
    std::int64_t row = 0, length = 0, weight = 0;
};

struct Places
{
    std::vector<Place> all;
    std::int64_t heads = 0, rows = 0, weights = 0;

    Places(const std::vector<std::int64_t>& lengths, std::int64_t headCount)
        : heads(headCount)
    {
        for (const std::int64_t length : lengths) {
            all.push_back({ rows, length, weights });
            rows += length;
            weights += heads * length * length;
        }
    }
    /// [H, L, D / H] of tokens [S, D].
    at::Tensor tokens(const at::Tensor& states, const Place& place) const
    {
        return states.narrow(0, place.row, place.length)
            .view({ place.length, heads, states.size(1) / heads })
            .transpose(0, 1);
    }
    /// [H, L, L] of the flat weights.
    at::Tensor square(const at::Tensor& flat, const Place& place) const
    {
        return flat.narrow(0, place.weight, heads * place.length * place.length)
            .view({ heads, place.length, place.length });
    }
    /// Calls work(place) for every sequence. They mostly come sorted by length, so from both ends
    /// in turn: then contiguous shares are alike. One parallel region for all of them: one for each
    /// small product would spend its time waiting for threads.
    template<typename Work> void each(const Work& work) const
    {
        const auto count = static_cast<std::int64_t>(all.size());
        at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
            // These are states of a thread, and the other threads' own say otherwise.
            const at::AutoDispatchBelowAutograd noGraph;
            const c10::impl::ExcludeDispatchKeyGuard noAutocast(c10::autocast_dispatch_keyset);
            for (std::int64_t i = begin; i < end; ++i)
                work(all[static_cast<std::size_t>(i % 2 == 0 ? i / 2 : count - 1 - i / 2)]);
        });
    }
};

double scaleOf(const at::Tensor& query, std::int64_t heads)
{
    const std::int64_t width = query.size(1) / heads;
    return 1.0 / std::sqrt(static_cast<double>(width));
}

class PackedAttention final : public torch::autograd::Function<PackedAttention>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& query,
        const at::Tensor& key, const at::Tensor& value, const std::vector<std::int64_t>& lengths,
        std::int64_t heads, double dropout)
    {
        const Places places(lengths, heads);
        const double scale = scaleOf(query, heads);
        at::Tensor kept; // 0 or 1 / (1 - dropout) for each weight
        if (dropout > 0.0)
            kept = at::empty({ places.weights }, query.options().requires_grad(false))
                       .bernoulli_(1.0 - dropout)
                       .div_(1.0 - dropout);
        const at::Tensor weights = at::empty({ places.weights }, query.options());
        at::Tensor mixed = at::empty_like(query, at::MemoryFormat::Contiguous);
        places.each([&](const Place& place) {
            const at::Tensor scores
                = at::bmm(places.tokens(query, place) * scale, places.tokens(key, place).mT());
            at::Tensor own = places.square(weights, place);
            own.copy_(at::_softmax(scores, -1, false));
            if (kept.defined())
                own = own * places.square(kept, place);
            places.tokens(mixed, place).copy_(at::bmm(own, places.tokens(value, place)));
        });
        context->save_for_backward({ query, key, value, weights, kept });
        context->saved_data["lengths"] = lengths;
        context->saved_data["heads"] = heads;
        return mixed;
    }

    static torch::autograd::variable_list backward(
        torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients)
    {
        const auto saved = context->get_saved_variables();
        const at::Tensor &query = saved[0], &key = saved[1], &value = saved[2], &weights = saved[3],
                         &kept = saved[4];
        const std::int64_t heads = context->saved_data["heads"].toInt();
        const Places places(context->saved_data["lengths"].toIntVector(), heads);
        const double scale = scaleOf(query, heads);
        const at::Tensor gradient = gradients[0].contiguous();
        const at::Tensor forQuery = at::empty_like(query), forKey = at::empty_like(key),
                         forValue = at::empty_like(value);
        places.each([&](const Place& place) {
            const at::Tensor out = places.tokens(gradient, place);
            const at::Tensor own = places.square(weights, place);
            at::Tensor used = own, forWeights = at::bmm(out, places.tokens(value, place).mT());
            if (kept.defined()) {
                const at::Tensor mask = places.square(kept, place);
                used = own * mask;
                forWeights = forWeights * mask;
            }
            const at::Tensor forScores
                = at::_softmax_backward_data(forWeights, own, -1, own.scalar_type()).mul_(scale);
            places.tokens(forValue, place).copy_(at::bmm(used.mT(), out));
            places.tokens(forQuery, place).copy_(at::bmm(forScores, places.tokens(key, place)));
            places.tokens(forKey, place)
                .copy_(at::bmm(forScores.mT(), places.tokens(query, place)));
        });
        return { forQuery, forKey, forValue, {}, {}, {} };
    }
};

/// Which of LibTorch's kernels for sequences of several lengths takes these tensors.
enum class Kernel { None, Flash, Efficient };

Kernel kernelFor(const at::Tensor& query, std::int64_t heads, double dropout)
{
    constexpr std::int64_t widest = 256;
    const bool half = query.scalar_type() == at::kHalf || query.scalar_type() == at::kBFloat16;
    const std::int64_t width = query.size(1) / heads;
    if (query.is_cpu() || width % (half ? 8 : 4) != 0)
        return Kernel::None;
    // On short sequences it takes half of flash attention's time, but with sequences of several
    // lengths it drops the same weights of all of them.
    if (dropout == 0.0)
        return Kernel::Efficient;
    return half && width <= widest ? Kernel::Flash : Kernel::None;
}

std::int64_t longestOf(const Sequences& sequences)
{
    return *std::max_element(sequences.lengths.begin(), sequences.lengths.end());
}

/// [S, H, D / H] of [S, D].
at::Tensor headsOf(const at::Tensor& x, std::int64_t heads)
{
    return x.unflatten(1, { heads, -1 });
}

auto flashForward(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const Sequences& sequences, std::int64_t heads, double dropout)
{
    const std::int64_t longest = longestOf(sequences);
    return at::_flash_attention_forward(headsOf(query, heads), headsOf(key, heads),
        headsOf(value, heads), sequences.offsets, sequences.offsets, longest, longest, dropout,
        false, false);
}

at::Tensor efficientAttention(const at::Tensor& query, const at::Tensor& key,
    const at::Tensor& value, const Sequences& sequences, std::int64_t heads)
{
    constexpr std::int64_t noMask = 0;
    const std::int64_t longest = longestOf(sequences);
    const auto split = [&](const at::Tensor& x) { return headsOf(x, heads).unsqueeze(0); };
    const bool learns = at::GradMode::is_enabled()
        && (query.requires_grad() || key.requires_grad() || value.requires_grad());
    return std::get<0>(
        at::_efficient_attention_forward(split(query), split(key), split(value), {},
            sequences.offsets, sequences.offsets, longest, longest, 0.0, noMask, learns))
        .flatten(2)
        .squeeze(0);
}

} // namespace

Sequences Sequences::on(at::Device device, std::vector<std::int64_t> lengths)
{
    Sequences sequences{ std::move(lengths), {} };
    if (device.is_cpu())
        return sequences;
    std::vector<int> offsets{ 0 };
    for (const std::int64_t length : sequences.lengths)
        offsets.push_back(offsets.back() + static_cast<int>(length));
    sequences.offsets = at::tensor(offsets, at::kInt).to(device, /*non_blocking=*/true);
    return sequences;
}

at::Tensor packedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const Sequences& sequences, std::int64_t heads, double dropout)
{
    const auto& lengths = sequences.lengths;
    CLIP_REQUIRE(query.dim() == 2 && query.sizes() == key.sizes() && query.sizes() == value.sizes()
            && query.size(1) % heads == 0
            && std::accumulate(lengths.begin(), lengths.end(), std::int64_t(0)) == query.size(0),
        std::to_string(query.size(0)) + " tokens, " + std::to_string(lengths.size())
            + " sequences");
    if (query.is_cpu())
        return PackedAttention::apply(query, key, value, lengths, heads, dropout);
    switch (kernelFor(query, heads, dropout)) {
    case Kernel::Flash:
        return std::get<0>(flashForward(query, key, value, sequences, heads, dropout)).flatten(1);
    case Kernel::Efficient:
        return efficientAttention(query, key, value, sequences, heads);
    case Kernel::None:
        break;
    }
    return paddedAttention(query, key, value, lengths, heads, dropout);
}

AttentionPass trackedAttention(const at::Tensor& query, const at::Tensor& key,
    const at::Tensor& value, bool learns,
    const std::function<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>&
        attention)
{
    std::vector<at::Tensor> inputs{ query.detach(), key.detach(), value.detach() };
    for (at::Tensor& input : inputs)
        input.set_requires_grad(learns);
    const at::AutoGradMode records(learns);
    const at::Tensor mixed = attention(inputs[0], inputs[1], inputs[2]);
    if (!learns)
        return { mixed, {} };
    return { mixed.detach(), [mixed, inputs](const at::Tensor& gradient) {
                const auto found = torch::autograd::grad({ mixed }, inputs, { gradient });
                return std::array{ found[0], found[1], found[2] };
            } };
}

AttentionPass packedAttentionPass(const at::Tensor& query, const at::Tensor& key,
    const at::Tensor& value, const Sequences& sequences, std::int64_t heads, double dropout,
    bool learns)
{
    if (kernelFor(query, heads, dropout) != Kernel::Flash || !learns)
        return trackedAttention(query, key, value, learns,
            [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
                return packedAttention(q, k, v, sequences, heads, dropout);
            });
    const at::NoGradGuard noGraph;
    const auto [output, logsumexp, random, unused, mask]
        = flashForward(query, key, value, sequences, heads, dropout);
    const auto back
        = [query = query, key = key, value = value, output = output, logsumexp = logsumexp,
              random = random, unused = unused, offsets = sequences.offsets,
              longest = longestOf(sequences), heads, dropout](const at::Tensor& gradient) {
              const auto [forQuery, forKey, forValue]
                  = at::_flash_attention_backward(headsOf(gradient, heads), headsOf(query, heads),
                      headsOf(key, heads), headsOf(value, heads), output, logsumexp, offsets,
                      offsets, longest, longest, dropout, false, random, unused);
              return std::array{ forQuery.flatten(1), forKey.flatten(1), forValue.flatten(1) };
          };
    return { output.flatten(1), back };
}

at::Tensor paddedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const std::vector<std::int64_t>& lengths, std::int64_t heads, double dropout)
{
    const auto B = static_cast<std::int64_t>(lengths.size());
    const std::int64_t L = *std::max_element(lengths.begin(), lengths.end()), D = query.size(1);
    std::vector<std::int64_t> places;
    for (std::int64_t row = 0; row < B; ++row)
        for (std::int64_t at = 0; at < lengths[static_cast<std::size_t>(row)]; ++at)
            places.push_back(row * L + at);
    const at::Tensor flat = at::tensor(places, at::kLong).to(query.device());
    const at::Tensor mask
        = at::zeros({ B * L }, query.options().dtype(at::kBool).requires_grad(false))
              .index_fill(0, flat, true)
              .view({ B, 1, 1, L });
    const auto padded = [&](const at::Tensor& tokens) {
        return tokens.new_zeros({ B * L, D })
            .index_copy(0, flat, tokens)
            .view({ B, L, heads, D / heads })
            .transpose(1, 2);
    };
    return at::scaled_dot_product_attention(
        padded(query), padded(key), padded(value), mask, dropout)
        .transpose(1, 2)
        .reshape({ B * L, D })
        .index_select(0, flat);
}

} // namespace clipscope::model
