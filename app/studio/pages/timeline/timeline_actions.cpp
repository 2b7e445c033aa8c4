#include "app/studio/pages/timeline/timeline_actions.h"

#include "app/studio/pages/timeline/timeline_desk.h"
#include "widgets/common/format.h"
#include "widgets/player/player.h"
#include "widgets/player/speeds.h"
#include "widgets/timeline/timeline_view.h"

#include <QCoreApplication>

#include <algorithm>

namespace clipscope::studio {

namespace {

using widgets::Icon;

const labels::Segment* segmentAt(const labels::Tier* tier, double seconds)
{
    if (!tier)
        return nullptr;
    const auto found = std::ranges::find_if(tier->segments, [seconds](const auto& segment) {
        return segment.startSeconds <= seconds && seconds < segment.stopSeconds;
    });
    return found == tier->segments.end() ? nullptr : &*found;
}

QString says(const char* text)
{
    return QCoreApplication::translate("clipscope::studio::TimelinePage", text);
}

/// Start of the frame that is `by` frames from the one at `seconds`; the end of the video past the
/// last.
double frameFrom(const TimelineTable& table, double seconds, qint64 by)
{
    const TimelineFilm* film = table.desk.film();
    if (!film)
        return seconds;
    const qint64 frame = film->index->frameAt(seconds) + by;
    return frame >= film->index->frameCount() ? film->index->durationSeconds()
                                              : film->index->secondsOf(std::max<qint64>(0, frame));
}

void nudge(TimelineTable& table, int frames)
{
    const std::vector<qint64> ids = table.chosen();
    const labels::Segment* first = ids.empty() ? nullptr : table.desk.segment(ids.front());
    if (first)
        table.desk.shift(ids, frameFrom(table, first->startSeconds, frames) - first->startSeconds);
}

/// Moves one border of what is chosen to `seconds`.
void setBorder(TimelineTable& table, bool start, double seconds)
{
    const std::vector<qint64> ids = table.chosen();
    const labels::Segment* segment = ids.empty() ? nullptr : table.desk.segment(ids.front());
    if (!segment)
        return table.say(says("Select a segment first."));
    if (!table.suggestions().empty() && table.suggestions().front() == segment->id)
        return table.say(says("Accept the suggestion first, then move its borders."));
    table.desk.setSpan(segment->id,
        start ? labels::Span{ seconds, segment->stopSeconds }
              : labels::Span{ segment->startSeconds, seconds });
}

void split(TimelineTable& table)
{
    const double at = table.player.position();
    for (const qint64 id : table.chosen())
        if (const labels::Segment* segment = table.desk.segment(id);
            segment && segment->startSeconds < at && at < segment->stopSeconds)
            return table.desk.split(at, id);
    if (const labels::Segment* under = segmentAt(table.desk.handTier(), at);
        under && under->startSeconds < at)
        return table.desk.split(at, under->id);
    table.say(says("There is no segment under the cursor to split."));
}

void playChosen(TimelineTable& table)
{
    const std::vector<qint64> ids = table.chosen();
    if (const labels::Segment* segment = ids.empty() ? nullptr : table.desk.segment(ids.front()))
        table.player.playRange(segment->startSeconds, segment->stopSeconds);
    else if (table.in && table.out && *table.in < *table.out)
        table.player.playRange(*table.in, *table.out);
    else
        table.say(says("Select a segment, or mark in and out first."));
}

void mark(TimelineTable& table, std::optional<double>& which)
{
    which = table.player.position();
    if (&which == &table.out) // the frame on screen is the last one inside
        which = frameFrom(table, *which, 1);
    table.marksChanged();
}

void withChosen(TimelineTable& table, void (TimelineDesk::*what)(const TimelineDesk::Ids&))
{
    const std::vector<qint64> ids = table.chosen();
    if (ids.empty())
        table.say(says("Select a segment first."));
    else
        (table.desk.*what)(ids);
}

void judge(TimelineTable& table, void (TimelineDesk::*what)(const TimelineDesk::Ids&))
{
    const std::vector<qint64> ids = table.suggestions();
    if (ids.empty())
        table.say(says("There is no suggestion of the model here."));
    else
        (table.desk.*what)(ids);
}

struct Rows
{
    TimelineTable& table;
    std::vector<ActionRow> rows;

    template<typename Run>
    void add(const char* id, const char* text, const QKeySequence& key, Run run,
        QWidget* scope = nullptr, std::optional<Icon> icon = {})
    {
        rows.push_back({ QStringLiteral("timeline.") + QLatin1String(id), says(text), key, icon,
            [&table = table, run] {
                table.desk.session().noteActivity();
                run(table);
            },
            scope });
    }
};

void addTransport(Rows& rows)
{
    QWidget* view = &rows.table.view;
    using T = TimelineTable;
    rows.add(
        "play", QT_TR_NOOP("Play or Pause"), Qt::Key_Space, [](T& t) { t.player.togglePlay(); },
        view, Icon::Play);
    rows.add("shuttle-back", QT_TR_NOOP("Run Backwards, Again for Faster"), Qt::Key_J,
        [](T& t) { t.player.shuttle(-1); });
    rows.add("shuttle-stop", QT_TR_NOOP("Stop"), Qt::Key_K, [](T& t) { t.player.pause(); });
    rows.add("shuttle-forward", QT_TR_NOOP("Run Forwards, Again for Faster"), Qt::Key_L,
        [](T& t) { t.player.shuttle(1); });
    rows.add(
        "frame-back", QT_TR_NOOP("One Frame Back"), Qt::Key_Left,
        [](T& t) { t.player.stepFrames(-1); }, view, Icon::FrameBack);
    rows.add(
        "frame-forward", QT_TR_NOOP("One Frame Forward"), Qt::Key_Right,
        [](T& t) { t.player.stepFrames(1); }, view, Icon::FrameForward);
    rows.add("frame-back-2", QT_TR_NOOP("One Frame Back"), Qt::Key_Comma,
        [](T& t) { t.player.stepFrames(-1); });
    rows.add("frame-forward-2", QT_TR_NOOP("One Frame Forward"), Qt::Key_Period,
        [](T& t) { t.player.stepFrames(1); });
    rows.add(
        "second-back", QT_TR_NOOP("One Second Back"), Qt::SHIFT | Qt::Key_Left,
        [](T& t) { t.player.stepSeconds(-1.0); }, view);
    rows.add(
        "second-forward", QT_TR_NOOP("One Second Forward"), Qt::SHIFT | Qt::Key_Right,
        [](T& t) { t.player.stepSeconds(1.0); }, view);
    rows.add(
        "frames-back", QT_TR_NOOP("Several Frames Back"), Qt::ALT | Qt::Key_Left,
        [](T& t) { t.player.stepFrames(-t.player.jumpFrames()); }, view);
    rows.add(
        "frames-forward", QT_TR_NOOP("Several Frames Forward"), Qt::ALT | Qt::Key_Right,
        [](T& t) { t.player.stepFrames(t.player.jumpFrames()); }, view);
    rows.add("slower", QT_TR_NOOP("Slower"), Qt::Key_BracketLeft,
        [](T& t) { t.player.setPlaySpeed(widgets::neighbourSpeed(t.player.playSpeed(), -1)); });
    rows.add("faster", QT_TR_NOOP("Faster"), Qt::Key_BracketRight,
        [](T& t) { t.player.setPlaySpeed(widgets::neighbourSpeed(t.player.playSpeed(), 1)); });
    rows.add(
        "page-back", QT_TR_NOOP("A Tenth of the Video Back"), Qt::Key_PageUp,
        [](T& t) { t.player.stepSeconds(-t.player.duration() / 10.0); }, view);
    rows.add(
        "page-forward", QT_TR_NOOP("A Tenth of the Video Forward"), Qt::Key_PageDown,
        [](T& t) { t.player.stepSeconds(t.player.duration() / 10.0); }, view);
    rows.add(
        "start", QT_TR_NOOP("To the Start"), Qt::Key_Home, [](T& t) { t.player.seek(0.0); }, view,
        Icon::SkipBack);
    rows.add(
        "end", QT_TR_NOOP("To the End"), Qt::Key_End,
        [](T& t) { t.player.seek(t.player.duration()); }, view, Icon::SkipForward);
    rows.add("go-to", QT_TR_NOOP("Go to a Time or Frame..."), Qt::Key_G, [](T& t) { t.askTime(); });
    rows.add(
        "border-back", QT_TR_NOOP("Previous Border"), Qt::CTRL | Qt::Key_Left,
        [](T& t) {
            if (const auto border = t.view.borderBefore(t.player.position()))
                t.player.seek(*border);
        },
        view);
    rows.add(
        "border-forward", QT_TR_NOOP("Next Border"), Qt::CTRL | Qt::Key_Right,
        [](T& t) {
            if (const auto border = t.view.borderAfter(t.player.position()))
                t.player.seek(*border);
        },
        view);
    rows.add("play-segment", QT_TR_NOOP("Play the Segment"), Qt::SHIFT | Qt::Key_Space, playChosen,
        view);
    rows.add(
        "loop", QT_TR_NOOP("Play the Segment Again and Again"), Qt::CTRL | Qt::Key_L,
        [](T& t) {
            playChosen(t);
            t.player.setLooping(true);
        },
        nullptr, Icon::Loop);
}

void addEditing(Rows& rows)
{
    QWidget* view = &rows.table.view;
    using T = TimelineTable;
    rows.add("mark-in", QT_TR_NOOP("Mark In"), Qt::Key_I, [](T& t) { mark(t, t.in); });
    rows.add("mark-out", QT_TR_NOOP("Mark Out"), Qt::Key_O, [](T& t) { mark(t, t.out); });
    rows.add("start-here", QT_TR_NOOP("Segment Starts Here"), Qt::SHIFT | Qt::Key_I,
        [](T& t) { setBorder(t, true, t.player.position()); });
    rows.add("stop-here", QT_TR_NOOP("Segment Ends Here"), Qt::SHIFT | Qt::Key_O,
        [](T& t) { setBorder(t, false, frameFrom(t, t.player.position(), 1)); });
    rows.add("split", QT_TR_NOOP("Split at the Cursor"), Qt::Key_S, split);
    rows.add("merge", QT_TR_NOOP("Merge with the Next"), Qt::Key_M, [](T& t) {
        const std::vector<qint64> ids = t.chosen();
        if (ids.empty())
            t.say(says("Select a segment first."));
        else
            t.desk.mergeWithNext(ids.front());
    });
    rows.add(
        "delete", QT_TR_NOOP("Delete Segments"), Qt::Key_Delete,
        [](T& t) { withChosen(t, &TimelineDesk::remove); }, view);
    rows.add(
        "nudge-back", QT_TR_NOOP("Nudge by a Frame, Earlier"), Qt::CTRL | Qt::SHIFT | Qt::Key_Left,
        [](T& t) { nudge(t, -1); }, view);
    rows.add(
        "nudge-forward", QT_TR_NOOP("Nudge by a Frame, Later"),
        Qt::CTRL | Qt::SHIFT | Qt::Key_Right, [](T& t) { nudge(t, 1); }, view);
    rows.add(
        "choose-label", QT_TR_NOOP("Choose a Label..."), Qt::Key_F2, [](T& t) { t.chooseLabel(); });
    rows.add("undo", QT_TR_NOOP("Undo"), QKeySequence::Undo, [](T& t) { t.desk.session().undo(); });
    rows.add("redo", QT_TR_NOOP("Redo"), Qt::CTRL | Qt::SHIFT | Qt::Key_Z,
        [](T& t) { t.desk.session().redo(); });
    rows.add(
        "redo-2", QT_TR_NOOP("Redo"), Qt::CTRL | Qt::Key_Y, [](T& t) { t.desk.session().redo(); });
    rows.add("snap", QT_TR_NOOP("Snapping On or Off"), Qt::Key_B, [](T& t) {
        t.view.setSnapping(!t.view.snapping());
        t.say(t.view.snapping() ? says("Snapping is on.") : says("Snapping is off."));
    });
}

void addReview(Rows& rows)
{
    using T = TimelineTable;
    rows.add("label", QT_TR_NOOP("Label with the Model"), Qt::CTRL | Qt::Key_R,
        [](T& t) { t.desk.labelWithModel(); });
    rows.add(
        "doubt-next", QT_TR_NOOP("Next Doubtful Place"), Qt::Key_N, [](T& t) { t.goToDoubt(1); });
    rows.add("doubt-previous", QT_TR_NOOP("Previous Doubtful Place"), Qt::SHIFT | Qt::Key_N,
        [](T& t) { t.goToDoubt(-1); });
    rows.add(
        "accept", QT_TR_NOOP("Accept Suggestion"), Qt::Key_A,
        [](T& t) { judge(t, &TimelineDesk::accept); }, nullptr, Icon::Check);
    rows.add("accept-above", QT_TR_NOOP("Accept All Above..."), Qt::SHIFT | Qt::Key_A,
        [](T& t) { t.askAccept(); });
    rows.add(
        "reject", QT_TR_NOOP("Reject Suggestion"), Qt::Key_X,
        [](T& t) { judge(t, &TimelineDesk::reject); }, nullptr, Icon::Close);
    rows.add("film-next", QT_TR_NOOP("Next Video"), Qt::CTRL | Qt::Key_PageDown,
        [](T& t) { t.goToFilm(1); });
    rows.add("film-previous", QT_TR_NOOP("Previous Video"), Qt::CTRL | Qt::Key_PageUp,
        [](T& t) { t.goToFilm(-1); });
    rows.add("import", QT_TR_NOOP("Import Labels..."), Qt::CTRL | Qt::Key_I,
        [](T& t) { t.askImport(); });
    rows.add(
        "export", QT_TR_NOOP("Export Labels..."), Qt::CTRL | Qt::Key_E, [](T& t) { t.askExport(); },
        nullptr, Icon::Export);
    rows.add("zoom-in", QT_TR_NOOP("Zoom In"), QKeySequence::ZoomIn, [](T& t) { t.view.zoomIn(); });
    rows.add(
        "zoom-out", QT_TR_NOOP("Zoom Out"), QKeySequence::ZoomOut, [](T& t) { t.view.zoomOut(); });
    rows.add("zoom-all", QT_TR_NOOP("Whole Video"), Qt::CTRL | Qt::Key_0,
        [](T& t) { t.view.showAll(); });
}

} // namespace

std::vector<qint64> TimelineTable::chosen() const
{
    const widgets::TimelineSelection& selection = view.selection();
    std::vector<qint64> ids(selection.segments.begin(), selection.segments.end());
    std::ranges::sort(ids);
    // The one keys act upon comes first.
    if (const auto current = std::ranges::find(ids, selection.current); current != ids.end())
        std::rotate(ids.begin(), current, current + 1);
    if (!ids.empty())
        return ids;
    for (const labels::Tier* tier : { desk.handTier(), desk.shown()->tier(view.currentTier()) })
        if (const labels::Segment* under = segmentAt(tier, player.position()))
            return { under->id };
    return {};
}

std::vector<qint64> TimelineTable::suggestions() const
{
    const labels::Tier* model = desk.modelTier();
    if (!model)
        return {};
    std::vector<qint64> ids = chosen();
    std::erase_if(ids, [model](qint64 id) {
        return std::ranges::find(model->segments, id, &labels::Segment::id)
            == model->segments.end();
    });
    if (ids.empty())
        if (const labels::Segment* under = segmentAt(model, player.position()))
            ids = { under->id };
    return ids;
}

void TimelineTable::giveLabel(const std::string& label)
{
    if (!view.selection().segments.isEmpty())
        return desk.relabel(chosen(), label);
    if (in && out && *in < *out) {
        desk.draw({ *in, *out }, label);
        in.reset();
        out.reset();
        return marksChanged();
    }
    const std::vector<qint64> ids = chosen();
    if (!ids.empty())
        desk.relabel(ids, label);
    else
        say(says("Select a segment, mark in and out, or play while you press the key."));
}

std::vector<ActionRow> timelineActionRows(TimelineTable& table)
{
    Rows rows{ table, {} };
    addTransport(rows);
    addEditing(rows);
    addReview(rows);
    return std::move(rows.rows);
}

} // namespace clipscope::studio
