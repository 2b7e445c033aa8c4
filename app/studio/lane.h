#pragma once

#include "base/guarded.h"
#include "base/result.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

namespace clipscope::studio {

/// Quick work off the GUI thread, one kind per lane: a thumbnail, a query, a catalogue read.
/// A new call supersedes the old one, whose answer is then never seen; the death of the lane or
/// of its context does the same.
/// Errors:  whatever the work returns; a throw becomes an Error.
/// Threads: GUI thread only; the work runs in the pool and must not touch widgets.
template<typename T> class Lane final
{
public:
    /// Answers are given on this thread, while `context` lives.
    explicit Lane(QObject* context, QThreadPool* pool = QThreadPool::globalInstance())
        : m_context(context)
        , m_pool(pool)
    {
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane()
    {
        cancel();
        const std::lock_guard guard(m_door->mutex);
        m_door->receiver = nullptr;
    }

    /// Work: Result<T>(std::stop_token); Done: void(Result<T>), on the GUI thread.
    template<typename Work, typename Done> void run(Work work, Done done)
    {
        cancel();
        m_stop = std::stop_source();
        m_busy = true;
        // QFuture::then(context) of Qt 6.4 loses its own state when futures come and go quickly;
        // a posted call through a door that the lane shuts does the same and holds.
        m_pool->start([stop = m_stop.get_token(), door = m_door, lane = this,
                          work = std::move(work), done = std::move(done)]() mutable {
            if (stop.stop_requested())
                return;
            auto answer
                = std::make_shared<Result<T>>(guarded([&]() -> Result<T> { return work(stop); }));
            const std::lock_guard guard(door->mutex);
            if (!door->receiver)
                return;
            QMetaObject::invokeMethod(
                door->receiver,
                [stop, lane, answer, done = std::move(done)]() mutable {
                    if (!stop.stop_requested())
                        lane->handOver(std::move(*answer), done);
                },
                Qt::QueuedConnection);
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
    /// Lets workers post to the lane's receiver only while there is one.
    struct Door
    {
        explicit Door(QObject* inside)
            : receiver(inside)
        {
        }
        std::mutex mutex;
        QObject* receiver; ///< guarded by mutex; null once the lane is gone
    };

    template<typename Done> void handOver(Result<T> answer, Done& done)
    {
        m_busy = false;
        if (m_context)
            done(std::move(answer)); // may end the lane: nothing after it
    }

    QPointer<QObject> m_context;
    QThreadPool* m_pool;
    std::stop_source m_stop;
    bool m_busy = false;
    QObject m_receiver; ///< its death takes the posted calls with it
    std::shared_ptr<Door> m_door = std::make_shared<Door>(&m_receiver);
};

} // namespace clipscope::studio
