#pragma once

#include "base/guarded.h"
#include "base/result.h"

#include <QFuture>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <memory>
#include <stop_token>
#include <utility>

namespace clipscope::studio {

/// Quick work off the GUI thread, one kind per lane: a thumbnail, a query, a catalogue read.
/// A new call supersedes the old one, whose answer is then never seen; the death of the lane or
/// of its context does the same.
/// Errors:  whatever the work returns; a throw becomes an Error.
/// Threads: GUI thread only; the work runs in the pool and must not touch widgets.
template<typename T>
class Lane final
{
public:
    /// `context` outlives the lane and lives on the thread that gets the answers.
    explicit Lane(QObject* context, QThreadPool* pool = QThreadPool::globalInstance())
        : m_context(context)
        , m_pool(pool)
    {
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane() { cancel(); }

    /// Work: Result<T>(std::stop_token); Done: void(Result<T>), on the context's thread.
    template<typename Work, typename Done>
    void run(Work work, Done done)
    {
        cancel();
        m_stop = std::stop_source();
        m_busy = true;
        const std::stop_token stop = m_stop.get_token();
        // std::function of the pool copies its callable, a promise cannot be copied.
        auto promise = std::make_shared<QPromise<Result<T>>>();
        QFuture<Result<T>> future = promise->future();
        promise->start();
        future.then(m_context, [this, stop, done = std::move(done)](QFuture<Result<T>> answer) {
            // The lane asks its token to stop when it dies, so `this` is alive behind the check.
            if (stop.stop_requested())
                return;
            m_busy = false;
            done(answer.takeResult());
        });
        m_pool->start([promise, stop, work = std::move(work)]() mutable {
            if (!stop.stop_requested())
                promise->addResult(guarded([&]() -> Result<T> { return work(stop); }));
            else
                promise->addResult(Result<T>(fail(ErrorKind::Cancelled, "superseded")));
            promise->finish();
        });
    }

    void cancel()
    {
        m_stop.request_stop();
        m_busy = false;
    }
    /// True from run() until its answer has been handed over.
    bool isBusy() const { return m_busy; }

private:
    QObject* m_context;
    QThreadPool* m_pool;
    std::stop_source m_stop;
    bool m_busy = false;
};

} // namespace clipscope::studio
