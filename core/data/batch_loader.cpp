#include "data/batch_loader.h"

#include "base/bounded_queue.h"
#include "base/guarded.h"
#include "base/require.h"

#include <ATen/ATen.h>

#include <chrono>
#include <thread>

#include <pthread.h>

namespace clipscope::data {

struct BatchLoader::Impl
{
    const TrainingSet& set;
    const std::int64_t maxTokens;
    std::int64_t pending = 0;
    double waitedSeconds = 0.0;
    BoundedQueue<std::vector<ClipPair>> asked{ static_cast<std::size_t>(most) };
    BoundedQueue<Result<Batch>> made{ static_cast<std::size_t>(most) };
    std::jthread thread; // last: joined before the queues go

    Impl(const TrainingSet& trainingSet, std::int64_t tokens)
        : set(trainingSet)
        , maxTokens(tokens)
        , thread([this](std::stop_token stop) { work(stop); })
    {
    }
    void work(std::stop_token stop)
    {
        ::pthread_setname_np(::pthread_self(), "batches");
        while (auto pairs = asked.pop(stop))
            if (!made.push(guarded([&] { return set.batch(*pairs, maxTokens); }), stop))
                return;
    }
};

BatchLoader::BatchLoader(const TrainingSet& set, std::int64_t maxTokens)
    : m_impl(std::make_unique<Impl>(set, maxTokens))
{
}
BatchLoader::BatchLoader(BatchLoader&&) noexcept = default;
BatchLoader& BatchLoader::operator=(BatchLoader&&) noexcept = default;
BatchLoader::~BatchLoader() = default;

void BatchLoader::prepare(std::vector<ClipPair> pairs)
{
    CLIP_REQUIRE(m_impl->pending < most && !pairs.empty(), std::to_string(m_impl->pending));
    ++m_impl->pending;
    m_impl->asked.push(std::move(pairs), {});
}

std::int64_t BatchLoader::pending() const
{
    return m_impl->pending;
}

Result<Batch> BatchLoader::take()
{
    CLIP_REQUIRE(m_impl->pending > 0, "nothing was asked for");
    const auto begun = std::chrono::steady_clock::now();
    auto batch = m_impl->made.pop({});
    m_impl->waitedSeconds
        += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    --m_impl->pending;
    CLIP_REQUIRE(batch.has_value(), "the queue was closed");
    return std::move(*batch);
}

double BatchLoader::waitedSeconds() const
{
    return m_impl->waitedSeconds;
}

} // namespace clipscope::data
