#pragma once

#include "base/result.h"
#include "labels/editing.h"
#include "store/label_store.h"

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace clipscope::studio {

/// The labels of the video at hand: shown at once, saved on a thread of their own right after.
///
/// Every edit is saved by itself within moments, so a crash loses at most what was done in the last
/// of them. While saving fails (a full disk) edits are kept here and tried again every two seconds.
/// Undo and redo go by the stored history and reach back over restarts.
/// Errors:  failed(): Conflict (changed elsewhere: read again, the edit is dropped), any other
/// while
///          reading or saving (kept, tried again); refused(): an intention that cannot be.
/// Threads: GUI thread only; the destructor waits until everything is saved or has failed once.
class LabelSession final : public QObject
{
    Q_OBJECT

public:
    /// Makes the edit from what is there when its turn comes.
    using Intention = std::function<Result<labels::Edit>(const labels::Editing& editing)>;

    explicit LabelSession(QObject* parent = nullptr);
    ~LabelSession() override;

    /// Answered by opened() or failed(). What was open before is saved first.
    void open(const std::filesystem::path& project, const std::string& videoHash,
        double durationSeconds, bool readOnly);
    void close();
    /// opened() was sent and close() was not called since.
    bool isOpen() const { return m_isOpen; }
    bool isReadOnly() const { return m_readOnly; }

    const labels::Annotation& annotation() const { return *m_annotation; }
    /// For those who look at it elsewhere; never changed.
    std::shared_ptr<const labels::Annotation> snapshot() const { return m_annotation; }

    /// Does what is meant, now or after a running undo. An intention that cannot be is refused().
    void edit(Intention intention);
    void undo();
    void redo();
    /// Name of what undo() or redo() would do.
    const std::optional<std::string>& undoes() const { return m_undoes; }
    const std::optional<std::string>& redoes() const { return m_redoes; }
    /// Nothing waits to be saved.
    bool isSaved() const { return m_steps.empty() && m_waiting.empty(); }

    /// What a file format has beside the tiers, for its writer.
    void keep(std::string_view format, std::string data);

    store::ReviewState review() const { return m_review; }
    void setReview(store::ReviewState state);
    /// Seconds a person worked on the video: time in which noteActivity() came at least every half
    /// minute.
    double secondsSpent() const { return m_secondsSpent; }
    void noteActivity();

Q_SIGNALS:
    void opened();
    /// The annotation is another one: by an edit, undo, redo, or read again.
    void changed(const clipscope::labels::Edit& edit);
    void reloaded();
    /// undoes(), redoes(), isSaved(), review() or secondsSpent() have changed.
    void stateChanged();
    void refused(const clipscope::Error& error);
    void failed(const clipscope::Error& error);

private:
    enum class Turn { Undo, Redo };
    struct Review
    {
        store::ReviewState state;
    };
    struct Spent
    {
        double seconds;
    };
    struct Kept
    {
        std::string format, data;
    };
    using Step = std::variant<labels::Edit, Turn, Review, Spent, Kept>;
    /// What a step came to, on the store's thread.
    struct Saved
    {
        std::int64_t revision = 0;
        std::optional<labels::Edit> turned;
        std::optional<std::string> undoes, redoes; ///< after a turn
    };
    struct Place; ///< the store with the video it is for; lives as long as a step needs it

    static Result<Saved> save(Place& place, const Step& step);
    void push(Step step);
    void pump();
    void finish(Result<Saved> saved);
    void reread();
    void take(store::LabelDocument document);
    void perform(const Intention& intention);
    void applyHere(const labels::Edit& edit);
    bool isTurning() const;
    void releaseWaiting();

    std::shared_ptr<const labels::Annotation> m_annotation;
    std::int64_t m_nextId = 1;
    double m_duration = 0.0;
    bool m_isOpen = false;
    bool m_readOnly = false;
    std::optional<std::string> m_undoes, m_redoes;
    store::ReviewState m_review = store::ReviewState::Open;
    double m_secondsSpent = 0.0;

    quint64 m_generation = 0; ///< of open(): answers of an older one are not wanted
    std::shared_ptr<Place> m_place;
    std::deque<Step> m_steps; ///< to be saved, in order; the first one may be at it
    std::deque<std::variant<Intention, Turn>> m_waiting; ///< behind a turn that is not done yet
    bool m_saving = false;
    QTimer m_retry, m_clock;
    bool m_active = false; ///< noteActivity() since the clock's last tick
    int m_idleTicks = 0;
    QThreadPool m_thread; ///< one thread: steps stay in order
};

} // namespace clipscope::studio
