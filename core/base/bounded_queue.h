#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace clipscope {

/// A queue that makes its writers wait when it is full.
/// Threads: any thread at once.
template<typename T> class BoundedQueue final
{
public:
    explicit BoundedQueue(std::size_t capacity)
        : m_capacity(capacity)
    {
    }

    /// Waits for room. False, and `item` is dropped, when stop was asked for.
    bool push(T item, std::stop_token stop)
    {
        std::unique_lock lock(m_mutex);
        m_room.wait(lock, stop, [&] { return m_items.size() < m_capacity; });
        if (stop.stop_requested())
            return false;
        m_items.push_back(std::move(item));
        m_filled.notify_one();
        return true;
    }

    /// Waits for an item. Nothing when the queue is closed and empty, or as soon as stop was asked
    /// for, whatever still waits in it.
    std::optional<T> pop(std::stop_token stop)
    {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, stop, [&] { return !m_items.empty() || m_closed; });
        if (stop.stop_requested() || m_items.empty())
            return std::nullopt;
        std::optional<T> item(std::move(m_items.front()));
        m_items.pop_front();
        m_room.notify_one();
        return item;
    }

    /// No more items will come.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        m_filled.notify_all();
    }

private:
    const std::size_t m_capacity;
    std::mutex m_mutex;
    std::condition_variable_any m_room, m_filled;
    std::deque<T> m_items; ///< guarded by m_mutex
    bool m_closed = false; ///< guarded by m_mutex
};

} // namespace clipscope
