#include "app/studio/pages/timeline/timeline_desk.h"

#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "widgets/common/format.h"

#include <algorithm>
#include <set>
#include <utility>

namespace clipscope::studio {

using labels::Edit;
using labels::Editing;
using widgets::fromUtf8;

namespace {

constexpr int keepMilliseconds = 1500;
constexpr int doubtsMilliseconds = 120;
/// The tenth of a video's seconds with the smallest margins is what the doubt queue offers.
constexpr double doubtfulShare = 0.1;

labels::Span spanOf(const widgets::TimeRange& range)
{
    return { range.startSeconds, range.stopSeconds };
}

/// Same model, spans, labels and scores, whatever a person said about them.
bool saySame(const labels::Tier& a, const labels::Tier& b)
{
    return a.labelSet == b.labelSet && a.checkpoint == b.checkpoint
        && std::ranges::equal(
            a.segments, b.segments, [](const labels::Segment& x, const labels::Segment& y) {
                return x.startSeconds == y.startSeconds && x.stopSeconds == y.stopSeconds
                    && x.label == y.label && x.score == y.score;
            });
}

/// A person did something, not the model alone.
bool touchesHand(const Edit& edit)
{
    return std::ranges::any_of(edit.segments, [](const labels::SegmentChange& change) {
        return change.after && change.after->verdict != labels::Verdict::Open;
    });
}

/// Old and new name, when the sets differ in the name of one label.
std::optional<std::pair<std::string, std::string>> renamedLabel(
    const labels::LabelSet& before, const labels::LabelSet& after)
{
    std::optional<std::pair<std::string, std::string>> renamed;
    if (before.labels.size() != after.labels.size())
        return renamed;
    for (std::size_t i = 0; i < before.labels.size(); ++i) {
        const std::string &from = before.labels[i].name, &to = after.labels[i].name;
        if (from == to)
            continue;
        if (renamed || after.label(from))
            return {}; // moved, not renamed
        renamed = { from, to };
    }
    return renamed;
}

const labels::Tier* firstHandTier(const labels::Annotation& annotation)
{
    const auto found
        = std::ranges::find(annotation.tiers, labels::Source::Hand, &labels::Tier::source);
    return found == annotation.tiers.end() ? nullptr : &*found;
}

} // namespace

TimelineDesk::TimelineDesk(Services& services, QObject* parent)
    : QObject(parent)
    , m_services(services)
    , m_shown(std::make_shared<const labels::Annotation>())
    , m_lane(this)
{
    m_keepSoon.setSingleShot(true);
    m_keepSoon.setInterval(keepMilliseconds);
    connect(&m_keepSoon, &QTimer::timeout, this, &TimelineDesk::keepSuggestions);
    m_doubtsSoon.setSingleShot(true);
    m_doubtsSoon.setInterval(doubtsMilliseconds);
    connect(&m_doubtsSoon, &QTimer::timeout, this, &TimelineDesk::findDoubts);

    connect(&m_session, &LabelSession::opened, this, &TimelineDesk::onSessionOpened);
    connect(&m_session, &LabelSession::changed, this, [this](const Edit& edit) {
        if (m_session.review() == store::ReviewState::Open && touchesHand(edit))
            m_session.setReview(store::ReviewState::Started);
        compose();
    });
    connect(&m_session, &LabelSession::reloaded, this, &TimelineDesk::compose);
    connect(&m_session, &LabelSession::failed, this, &TimelineDesk::failed);
    connect(&m_session, &LabelSession::refused, this,
        [this](const Error& error) { Q_EMIT refused(fromUtf8(error.message)); });
    connect(&m_shelf, &LabelSetShelf::failed, this, &TimelineDesk::failed);
    connect(&m_shelf, &LabelSetShelf::changed, this, &TimelineDesk::chooseFirstSet);
    connect(&services.project, &ProjectSession::changed, this, [this] {
        closeFilm();
        m_labelSet = {};
        Q_EMIT labelSetChanged();
        m_shelf.open(m_services.project.folder());
    });
    connect(&services.model, &ModelService::labelled, this, &TimelineDesk::onLabelled);
    connect(&services.model, &ModelService::labellingFailed, this,
        [this](qint64 videoId, const Error& error) {
            if (m_film && videoId == m_film->record.id)
                Q_EMIT failed(error);
        });
    connect(&services.model, &ModelService::stateChanged, this, [this](const ModelState& state) {
        if (state.phase == ModelState::Phase::Ready)
            ask(); // another checkpoint, or states that were not there yet
    });
}

TimelineDesk::~TimelineDesk() = default;

void TimelineDesk::openFilm(qint64 videoId)
{
    if (m_film && m_film->record.id == videoId)
        return;
    closeFilm();
    m_opening = true;
    m_lane.run([folder = m_services.project.folder(), videoId](
                   const std::stop_token&) { return readTimelineFilm(folder, videoId); },
        [this](Result<TimelineFilm> film) { takeFilm(std::move(film)); });
}

void TimelineDesk::takeFilm(Result<TimelineFilm> film)
{
    if (!film) {
        m_opening = false;
        Q_EMIT failed(film.error());
        return;
    }
    m_film = std::move(*film);
    m_session.open(m_services.project.folder(), m_film->record.contentHash,
        m_film->index->durationSeconds(), m_services.project.isReadOnly());
}

void TimelineDesk::onSessionOpened()
{
    m_opening = false;
    // The set of the video's own tiers, where it has one.
    for (const labels::Tier& tier : m_session.annotation().tiers)
        if (const labels::LabelSet* set = m_shelf.find(tier.labelSet)) {
            m_labelSet = *set;
            Q_EMIT labelSetChanged();
            break;
        }
    compose();
    Q_EMIT filmOpened();
    ask();
}

void TimelineDesk::closeFilm()
{
    if (m_wanted)
        keepSuggestions();
    m_lane.cancel();
    m_opening = false;
    m_keepSoon.stop();
    m_session.close();
    m_suggestions.reset();
    m_reply.reset();
    m_wanted = false;
    m_currentTier = 0;
    m_doubts.clear();
    m_shown = std::make_shared<const labels::Annotation>();
    if (std::exchange(m_film, {}))
        Q_EMIT filmClosed();
}

void TimelineDesk::chooseFirstSet()
{
    if (const labels::LabelSet* same = m_shelf.find(m_labelSet.name)) {
        if (*same == m_labelSet)
            return;
        m_labelSet = *same;
    } else {
        m_labelSet = m_shelf.sets().empty() ? labels::LabelSet{} : m_shelf.sets().front();
    }
    Q_EMIT labelSetChanged();
    ask();
}

void TimelineDesk::chooseLabelSet(const std::string& name)
{
    const labels::LabelSet* set = m_shelf.find(name);
    if (!set || set->name == m_labelSet.name)
        return;
    m_labelSet = *set;
    m_wanted = false;
    Q_EMIT labelSetChanged();
    ask();
}

void TimelineDesk::editLabelSet(labels::LabelSet set)
{
    m_session.noteActivity();
    if (const auto renamed = renamedLabel(m_labelSet, set))
        relabelHand(renamed->first, renamed->second);
    m_labelSet = std::move(set);
    m_shelf.put(m_labelSet);
    m_wanted = m_film.has_value();
    Q_EMIT labelSetChanged();
    ask();
}

void TimelineDesk::relabelHand(const std::string& from, const std::string& to)
{
    Ids ids;
    for (const labels::Tier& tier : m_session.annotation().tiers)
        for (const labels::Segment& segment : tier.segments)
            if (tier.source == labels::Source::Hand && segment.label == from)
                ids.push_back(segment.id);
    relabel(ids, to);
}

void TimelineDesk::setOptions(const labels::SegmenterOptions& options)
{
    if (options == m_options)
        return;
    m_options = options;
    Q_EMIT optionsChanged();
    m_wanted = m_film.has_value();
    ask();
}

void TimelineDesk::labelWithModel()
{
    m_wanted = true;
    if (m_labelSet.labels.empty())
        Q_EMIT refused(tr("There is no label yet: add one, or import a label set."));
    else if (m_services.model.state().phase != ModelState::Phase::Ready)
        Q_EMIT refused(tr("The model is not ready yet."));
    else
        ask();
}

void TimelineDesk::ask()
{
    if (!m_film || !m_session.isOpen())
        return;
    if (m_labelSet.labels.empty()) {
        m_reply.reset();
        m_suggestions.reset();
        compose();
        Q_EMIT labelled();
        return;
    }
    m_services.model.label(m_film->record.id, m_labelSet, m_options);
}

void TimelineDesk::onLabelled(const LabelReply& reply)
{
    if (!m_film || !m_session.isOpen() || reply.videoId != m_film->record.id
        || reply.labelSet != m_labelSet)
        return;
    m_reply = reply;
    labels::Tier tier{ -1, modelTierName, labels::Source::Model, m_labelSet.name, reply.segments,
        reply.checkpoint };
    for (std::size_t i = 0; i < tier.segments.size(); ++i)
        tier.segments[i].id = -1 - static_cast<std::int64_t>(i);
    const labels::Tier* stored = m_session.annotation().tier(modelTierName);
    if (stored && (saySame(*stored, tier) || !m_wanted))
        m_suggestions.reset(); // what somebody keeps is not replaced unless the user asks
    else
        m_suggestions = std::move(tier);
    if (m_wanted)
        m_keepSoon.start();
    compose();
    Q_EMIT labelled();
}

void TimelineDesk::keepSuggestions()
{
    m_keepSoon.stop();
    m_wanted = false;
    if (!m_suggestions || m_session.isReadOnly())
        return;
    const labels::Tier tier = *std::exchange(m_suggestions, {});
    m_session.edit([tier](const Editing& editing) {
        Result<Edit> edit = editing.replaceTier(tier, true);
        if (edit)
            edit->what = modelEdit;
        return edit;
    });
}

void TimelineDesk::compose()
{
    if (!m_suggestions) {
        m_shown = m_session.snapshot();
    } else {
        auto shown = std::make_shared<labels::Annotation>(m_session.annotation());
        const auto old
            = std::ranges::find(shown->tiers, std::string_view(modelTierName), &labels::Tier::name);
        labels::Tier tier = *m_suggestions;
        if (old != shown->tiers.end()) {
            tier.id = old->id;
            *old = std::move(tier);
        } else {
            shown->tiers.insert(shown->tiers.begin(), std::move(tier));
        }
        m_shown = std::move(shown);
    }
    m_doubtsSoon.start();
    Q_EMIT shownChanged();
}

void TimelineDesk::findDoubts()
{
    m_doubts.clear();
    if (m_reply) {
        const labels::Labelling& labelling = m_reply->labelling;
        m_doubtfulMargin = labels::marginQuantile(labelling.margins, doubtfulShare);
        const labels::Tier* hand = handTier();
        m_doubts = labels::doubtsOf({ labelling.labels, labelling.margins }, m_labelSet,
            hand ? *hand : labels::Tier{}, m_doubtfulMargin);
    }
    Q_EMIT doubtsChanged();
}

const labels::Tier* TimelineDesk::handTier() const
{
    const labels::Tier* chosen = m_shown->tier(m_currentTier);
    return chosen && chosen->source == labels::Source::Hand ? chosen : firstHandTier(*m_shown);
}

std::string TimelineDesk::needHandTier()
{
    if (const labels::Tier* tier = handTier())
        return tier->name;
    addTier(handTierName);
    return handTierName;
}

const labels::Tier* TimelineDesk::modelTier() const
{
    return m_shown->tier(modelTierName);
}

const labels::Segment* TimelineDesk::segment(qint64 id) const
{
    for (const labels::Tier& tier : m_shown->tiers)
        if (const auto found = std::ranges::find(tier.segments, id, &labels::Segment::id);
            found != tier.segments.end())
            return &*found;
    return nullptr;
}

void TimelineDesk::act(const Ids& ids, Make make)
{
    if (std::ranges::any_of(ids, [](qint64 id) { return id < 0; }))
        keepSuggestions();
    m_session.edit([this, ids, make = std::move(make)](const Editing& editing) -> Result<Edit> {
        // Suggestions were stored in the order they were shown in.
        std::vector<std::int64_t> known;
        const labels::Tier* model = m_session.annotation().tier(modelTierName);
        for (const qint64 id : ids) {
            const auto row = static_cast<std::size_t>(-1 - id);
            if (id > 0)
                known.push_back(id);
            else if (model && row < model->segments.size())
                known.push_back(model->segments[row].id);
        }
        return make(editing, known);
    });
}

void TimelineDesk::draw(const labels::Span& span, const std::string& label)
{
    const std::string name = needHandTier();
    m_session.edit([this, name, span, label](const Editing& editing) -> Result<Edit> {
        const labels::Tier* hand = m_session.annotation().tier(name);
        return editing.draw(hand ? hand->id : 0, span, label);
    });
}

void TimelineDesk::place(const std::vector<widgets::SegmentRange>& ranges, widgets::Gesture gesture)
{
    Ids ids;
    for (const widgets::SegmentRange& range : ranges)
        ids.push_back(range.segmentId);
    const char* what = gesture == widgets::Gesture::Move ? "Move segment"
        : gesture == widgets::Gesture::Resize            ? "Resize segment"
        : gesture == widgets::Gesture::MoveBorder        ? "Move border"
                                                         : "Push segments";
    act(ids, [ranges, what](const Editing& editing, std::span<const std::int64_t> known) {
        std::vector<labels::Placement> placements;
        for (std::size_t i = 0; i < known.size() && i < ranges.size(); ++i)
            placements.push_back({ known[i], spanOf(ranges[i].range) });
        return editing.place(placements, what);
    });
}

void TimelineDesk::setSpan(qint64 id, const labels::Span& span)
{
    act({ id }, [span](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.setSpan(known.empty() ? 0 : known.front(), span);
    });
}

void TimelineDesk::shift(const Ids& ids, double seconds)
{
    act(ids, [seconds](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.shift(known, seconds);
    });
}

void TimelineDesk::split(double seconds, qint64 id)
{
    act({ id }, [seconds](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.split(known.empty() ? 0 : known.front(), seconds);
    });
}

void TimelineDesk::mergeWithNext(qint64 id)
{
    act({ id }, [](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.mergeWithNext(known.empty() ? 0 : known.front());
    });
}

void TimelineDesk::remove(const Ids& ids)
{
    const auto [hand, model] = sorted(ids);
    if (!hand.empty())
        act(hand, [](const Editing& editing, std::span<const std::int64_t> known) {
            return editing.remove(known);
        });
    if (!model.empty())
        reject(model);
}

void TimelineDesk::relabel(const Ids& ids, const std::string& label)
{
    const auto [hand, model] = sorted(ids);
    if (!hand.empty())
        act(hand, [label](const Editing& editing, std::span<const std::int64_t> known) {
            return editing.relabel(known, label);
        });
    if (!model.empty())
        acceptAs(model, label);
}

void TimelineDesk::setNote(qint64 id, const std::string& note)
{
    act({ id }, [note](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.setNote(known.empty() ? 0 : known.front(), note);
    });
}

void TimelineDesk::accept(const Ids& ids)
{
    acceptAs(ids, {});
}

void TimelineDesk::acceptAs(const Ids& ids, const std::string& label)
{
    const std::string name = needHandTier();
    act(ids, [this, name, label](const Editing& editing, std::span<const std::int64_t> known) {
        const labels::Tier* hand = m_session.annotation().tier(name);
        return editing.accept(known, hand ? hand->id : 0, label);
    });
}

std::pair<TimelineDesk::Ids, TimelineDesk::Ids> TimelineDesk::sorted(const Ids& ids) const
{
    const std::set<qint64> wanted(ids.begin(), ids.end());
    std::pair<Ids, Ids> sorted;
    for (const labels::Tier& tier : m_shown->tiers)
        for (const labels::Segment& segment : tier.segments)
            if (wanted.contains(segment.id))
                (tier.source == labels::Source::Hand ? sorted.first : sorted.second)
                    .push_back(segment.id);
    return sorted;
}

void TimelineDesk::reject(const Ids& ids)
{
    act(ids, [](const Editing& editing, std::span<const std::int64_t> known) {
        return editing.reject(known);
    });
}

void TimelineDesk::setVerdict(qint64 id, labels::Verdict verdict)
{
    if (verdict == labels::Verdict::Rejected)
        reject({ id });
    else if (verdict == labels::Verdict::Accepted)
        accept({ id });
}

int TimelineDesk::acceptAbove(double score)
{
    Ids ids;
    if (const labels::Tier* model = modelTier())
        for (const labels::Segment& segment : model->segments)
            if (segment.verdict == labels::Verdict::Open && segment.score.value_or(score) >= score)
                ids.push_back(segment.id);
    if (!ids.empty())
        accept(ids);
    return static_cast<int>(ids.size());
}

void TimelineDesk::addTier(const std::string& name)
{
    m_session.edit([name, set = m_labelSet.name](const Editing& editing) {
        return editing.addTier(name, labels::Source::Hand, set);
    });
}

void TimelineDesk::renameTier(qint64 tierId, const std::string& name)
{
    m_session.edit(
        [tierId, name](const Editing& editing) { return editing.renameTier(tierId, name); });
}

void TimelineDesk::removeTier(qint64 tierId)
{
    const labels::Tier* tier = m_shown->tier(tierId);
    if (tier && tier->name == modelTierName && hasSuggestions()) {
        m_suggestions.reset();
        m_wanted = false;
        compose();
    }
    if (tierId > 0 && m_session.annotation().tier(tierId))
        m_session.edit([tierId](const Editing& editing) { return editing.removeTier(tierId); });
}

void TimelineDesk::copyTier(qint64 tierId, const std::string& name)
{
    const labels::Tier* tier = m_shown->tier(tierId);
    if (!tier)
        return;
    if (tier->name == modelTierName)
        keepSuggestions();
    m_session.edit([this, from = tier->name, name](const Editing& editing) {
        const labels::Tier* found = m_session.annotation().tier(from);
        return editing.copyTier(found ? found->id : 0, name);
    });
}

void TimelineDesk::takeTier(const labels::Tier& tier)
{
    m_session.edit([tier](const Editing& editing) {
        Result<Edit> edit = editing.replaceTier(tier, false);
        if (edit)
            edit->what = "Import tier";
        return edit;
    });
}

} // namespace clipscope::studio
