#pragma once

#include "app/studio/lane.h"
#include "app/studio/model_service.h"
#include "app/studio/pages/timeline/label_session.h"
#include "app/studio/pages/timeline/label_set_shelf.h"
#include "app/studio/pages/timeline/timeline_reader.h"
#include "labels/doubts.h"
#include "widgets/timeline/timeline_values.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace clipscope::studio {

struct Services;

/// What lies on the table of the Timeline page: a video, its labels, a label set, what the model
/// says with it, and the places in doubt. Turns what the user means into edits; shows nothing.
///
/// Suggestions of the model are shown as soon as they are there and stored when somebody acts on
/// them, or a little after the user asked for them; until then their segments have negative ids.
/// Errors:  failed(): for a banner; refused(): one sentence for the user.
/// Threads: GUI thread only.
class TimelineDesk final : public QObject
{
    Q_OBJECT

public:
    static constexpr const char* modelTierName = "model";
    static constexpr const char* handTierName = "hand";
    static constexpr const char* modelEdit = "Label with the model"; ///< Edit::what

    explicit TimelineDesk(Services& services, QObject* parent = nullptr);
    ~TimelineDesk() override;

    /// Answered by filmOpened() or failed(); filmOpened() comes with the labels.
    void openFilm(qint64 videoId);
    void closeFilm();
    const TimelineFilm* film() const { return m_film ? &*m_film : nullptr; }
    bool isOpening() const { return m_opening; }

    LabelSession& session() { return m_session; }
    LabelSetShelf& shelf() { return m_shelf; }
    /// What the timeline shows: the labels, with the newest suggestions in place of the model's
    /// tier.
    std::shared_ptr<const labels::Annotation> shown() const { return m_shown; }

    const labels::LabelSet& labelSet() const { return m_labelSet; }
    void chooseLabelSet(const std::string& name);
    /// A new wording, colour, threshold, order: labels the video anew. A label with another name
    /// takes the hand's segments of this video along.
    void editLabelSet(labels::LabelSet set);
    const labels::SegmenterOptions& options() const { return m_options; }
    void setOptions(const labels::SegmenterOptions& options);
    /// Asks the model, as the user wants it.
    void labelWithModel();
    const std::optional<LabelReply>& reply() const { return m_reply; }

    /// The tier that is edited: the chosen one if it is of the hand, or else the first of the hand;
    /// null when there is none yet.
    const labels::Tier* handTier() const;
    const labels::Tier* modelTier() const;
    void setCurrentTier(qint64 tierId) { m_currentTier = tierId; }
    const labels::Segment* segment(qint64 id) const; ///< of shown()

    // Intentions. Ids as in shown().
    using Ids = std::vector<qint64>;
    void draw(const labels::Span& span, const std::string& label);
    void place(const std::vector<widgets::SegmentRange>& ranges, widgets::Gesture gesture);
    void setSpan(qint64 id, const labels::Span& span);
    void shift(const Ids& ids, double seconds);
    void split(double seconds, qint64 id);
    void mergeWithNext(qint64 id);
    /// Of the hand: deleted; of the model: rejected.
    void remove(const Ids& ids);
    /// Suggestions of the model come into the hand's tier with the label.
    void relabel(const Ids& ids, const std::string& label);
    void setNote(qint64 id, const std::string& note);
    void accept(const Ids& ids);
    void reject(const Ids& ids);
    void setVerdict(qint64 id, labels::Verdict verdict);
    /// Every open suggestion with at least this score; returns their number.
    int acceptAbove(double score);
    void addTier(const std::string& name);
    void renameTier(qint64 tierId, const std::string& name);
    void removeTier(qint64 tierId);
    void copyTier(qint64 tierId, const std::string& name);
    /// A tier from a file; one of the same name is replaced.
    void takeTier(const labels::Tier& tier);

    const std::vector<labels::Doubt>& doubts() const { return m_doubts; }
    double doubtfulMargin() const { return m_doubtfulMargin; }

Q_SIGNALS:
    void filmOpened();
    void filmClosed();
    /// shown() is another one.
    void shownChanged();
    void labelSetChanged();
    void optionsChanged();
    /// reply() is another one.
    void labelled();
    void doubtsChanged();
    void refused(const QString& sentence);
    void failed(const clipscope::Error& error);

private:
    using Make = std::function<Result<labels::Edit>(
        const labels::Editing&, std::span<const std::int64_t>)>;

    void takeFilm(Result<TimelineFilm> film);
    void onSessionOpened();
    void onLabelled(const LabelReply& reply);
    void ask();
    void act(const Ids& ids, Make make);
    void relabelHand(const std::string& from, const std::string& to);
    std::string needHandTier(); ///< name of handTier(), added when there is none
    void acceptAs(const Ids& ids, const std::string& label);
    std::pair<Ids, Ids> sorted(const Ids& ids) const; ///< of the hand, of the model
    void keepSuggestions();
    bool hasSuggestions() const { return m_suggestions.has_value(); }
    void compose();
    void findDoubts();
    void chooseFirstSet();

    Services& m_services;
    std::optional<TimelineFilm> m_film;
    bool m_opening = false;
    LabelSession m_session;
    LabelSetShelf m_shelf;
    labels::LabelSet m_labelSet;
    labels::SegmenterOptions m_options;
    std::optional<LabelReply> m_reply;
    std::optional<labels::Tier> m_suggestions; ///< not stored yet
    bool m_wanted = false; ///< by the user: to be stored even if nobody acts on it
    std::shared_ptr<const labels::Annotation> m_shown;
    qint64 m_currentTier = 0;
    std::vector<labels::Doubt> m_doubts;
    double m_doubtfulMargin = 0.0;
    QTimer m_keepSoon, m_doubtsSoon;
    Lane<TimelineFilm> m_lane;
};

} // namespace clipscope::studio
