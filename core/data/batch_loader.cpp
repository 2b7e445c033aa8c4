#include "data/batch_loader.h"

#include "base/bounded_queue.h"
#include "base/guarded.h"
#include "base/require.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <thread>

#include <pthread.h>

namespace clipscope::data {

struct BatchLoader::Impl
{
    struct Task
    {
        std::vector<ClipPair> pairs;
        std::promise<Result<Batch>> batch;
    };

    const TrainingSet& set;
    const std::int64_t maxTokens;
    double waitedSeconds = 0.0;
    std::deque<std::future<Result<Batch>>> pending; ///< in the order they were asked for
    BoundedQueue<Task> asked{ static_cast<std::size_t>(most) };
    std::vector<std::jthread> threads; // last: joined before the queue goes

    Impl(const TrainingSet& trainingSet, std::int64_t tokens, int count)
        : set(trainingSet)
        , maxTokens(tokens)
    {
        for (int at = 0; at < count; ++at)
            threads.emplace_back([this](std::stop_token stop) { work(stop); });
    }
    void work(std::stop_token stop)
    {
        ::pthread_setname_np(::pthread_self(), "batches");
        while (auto task = asked.pop(stop))
            task->batch.set_value(guarded([&] { return set.batch(task->pairs, maxTokens); }));
    }
};

BatchLoader::BatchLoader(const TrainingSet& set, std::int64_t maxTokens, int threads)
    : m_impl(std::make_unique<Impl>(set, maxTokens, std::max(threads, 1)))
{
}
BatchLoader::BatchLoader(BatchLoader&&) noexcept = default;
BatchLoader& BatchLoader::operator=(BatchLoader&&) noexcept = default;
BatchLoader::~BatchLoader() = default;

void BatchLoader::prepare(std::vector<ClipPair> pairs)
{
    CLIP_REQUIRE(pending() < most && !pairs.empty(), std::to_string(pending()));
    Impl::Task task{ std::move(pairs), {} };
    m_impl->pending.push_back(task.batch.get_future());
    m_impl->asked.push(std::move(task), {});
}

std::int64_t BatchLoader::pending() const
{
    return static_cast<std::int64_t>(m_impl->pending.size());
}

Result<Batch> BatchLoader::take()
{
    CLIP_REQUIRE(pending() > 0, "nothing was asked for");
    const auto begun = std::chrono::steady_clock::now();
    auto batch = m_impl->pending.front().get();
    m_impl->pending.pop_front();
    m_impl->waitedSeconds
        += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return batch;
}

double BatchLoader::waitedSeconds() const
{
    return m_impl->waitedSeconds;
}

} // namespace clipscope::data
