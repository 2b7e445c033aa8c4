#include "app/studio/pages/timeline/timeline_page.h"

#include "app/studio/navigator.h"
#include "app/studio/pages/timeline/compare_tab.h"
#include "app/studio/pages/timeline/figures_bar.h"
#include "app/studio/pages/timeline/label_exchange.h"
#include "app/studio/pages/timeline/label_keys.h"
#include "app/studio/pages/timeline/review_tabs.h"
#include "app/studio/pages/timeline/segmenter_form.h"
#include "app/studio/pages/timeline/tier_comparison.h"
#include "app/studio/pages/timeline/timeline_actions.h"
#include "app/studio/pages/timeline/timeline_desk.h"
#include "app/studio/pages/timeline/timeline_dialogs.h"
#include "app/studio/pages/timeline/timeline_header.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "app/studio/waveform_service.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/player/player.h"
#include "widgets/timeline/label_list.h"
#include "widgets/timeline/segments_model.h"
#include "widgets/timeline/timeline_view.h"

#include <QJsonObject>
#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>
#include <utility>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int queueMilliseconds = 800;

} // namespace

struct TimelinePage::Impl
{
    TimelinePage& page;
    Services& services;
    TimelineDesk desk;
    LabelKeys keys;
    TierComparison comparison;
    WaveformService& waveforms;

    TimelineHeader* header = nullptr;
    QStackedWidget* stack = nullptr;
    EmptyState* empty = nullptr;
    QSplitter *rows = nullptr, *columns = nullptr;
    Player* player = nullptr;
    LabelList* labelList = nullptr;
    ReviewTabs* tabs = nullptr;
    CompareTab* compareTab = nullptr;
    TimelineView* view = nullptr;
    FiguresBar* figures = nullptr;
    LabelExchange* exchange = nullptr;
    std::optional<TimelineTable> keyTable;
    std::optional<TimelineDialogs> dialogs;

    qint64 wantedFilm = 0; ///< of the last session, or the first one
    double wantedSeconds = 0.0;
    std::optional<TierFigures> before; ///< the set was edited: what it is compared with
    QTimer queueSoon;
    Lane<std::vector<QueueRow>> queueLane;

    Impl(TimelinePage& owner, Services& given)
        : page(owner)
        , services(given)
        , desk(given)
        , waveforms(given.waveforms)
        , queueLane(&owner)
    {
    }

    void build();
    void connectDesk();
    void connectView();
    void connectTables();

    void showFilm();
    void showShown();
    void showModel();
    void showState();
    void showSeconds();
    void showFigures();
    void showMarks();
    void show(const TimeRange& range);
    void readQueue();
    void openWanted();
    const labels::Label* labelOf(const QKeyEvent& event) const;
};

void TimelinePage::Impl::build()
{
    exchange = new LabelExchange(services.project, desk, &page);
    header = new TimelineHeader(desk, *exchange, page.titleLabel(&page), &page);
    player = new Player(&page);
    player->setVolume(services.preferences.get(studio::keys::volume));
    view = new TimelineView(&page);
    view->setObjectName(QStringLiteral("timelineView"));
    view->setThumbnails(&services.thumbnails);
    view->setFollowing(true);
    player->setOwnKeys(false); // the page binds them
    figures = new FiguresBar(&page);
    empty = new EmptyState(Icon::Timeline, TimelinePage::tr("No video is open"),
        TimelinePage::tr("Import videos on the Collection page; each can be labelled here."),
        &page);

    columns = new QSplitter(&page);
    columns->addWidget(player);
    labelList = new LabelList(&page);
    tabs = new ReviewTabs(*labelList, &page);
    compareTab = new CompareTab(comparison, &page);
    tabs->addTab(compareTab, TimelinePage::tr("Compare"));
    columns->addWidget(tabs);
    columns->setStretchFactor(0, 1);
    columns->setSizes({ 720, 480 });
    rows = new QSplitter(Qt::Vertical, &page);
    rows->addWidget(columns);
    rows->addWidget(view);
    rows->setStretchFactor(0, 1);
    rows->setSizes({ 400, 300 });
    for (QSplitter* splitter : { rows, columns })
        splitter->setChildrenCollapsible(false);
    stack = new QStackedWidget(&page);
    stack->addWidget(empty);
    stack->addWidget(rows);

    page.assemble(header, stack, figures);

    keyTable.emplace(desk, *view, *player);
    keyTable->say = [this](const QString& sentence) { figures->say(sentence); };
    keyTable->marksChanged = [this] { showMarks(); };
    dialogs.emplace(page, *keyTable);
    keyTable->chooseLabel = [this] { dialogs->chooseLabel(); };
    keyTable->askTime = [this] { dialogs->askTime(); };
    keyTable->askAccept = [this] { dialogs->askAccept(); };
    keyTable->askImport = [this] { exchange->askImport(); };
    keyTable->askExport = [this] { exchange->askExport(labels::Format::Eaf); };
    keyTable->goToDoubt = [this](int step) {
        if (!tabs->stepDoubt(step))
            figures->say(TimelinePage::tr("No place is in doubt."));
    };
    keyTable->goToFilm = [this](int step) { tabs->stepFilm(step); };
}

void TimelinePage::Impl::connectDesk()
{
    connect(&desk, &TimelineDesk::filmOpened, &page, [this] { showFilm(); });
    connect(&desk, &TimelineDesk::filmClosed, &page, [this] { showFilm(); });
    connect(&desk, &TimelineDesk::shownChanged, &page, [this] { showShown(); });
    connect(&desk, &TimelineDesk::labelled, &page, [this] { showModel(); });
    connect(&desk, &TimelineDesk::doubtsChanged, &page, [this] { tabs->setDoubts(desk.doubts()); });
    connect(&desk, &TimelineDesk::labelSetChanged, &page, [this] {
        view->setLabelSet(desk.labelSet());
        labelList->setLabelSet(desk.labelSet());
        tabs->segments().setColours(LabelColours(desk.labelSet()));
        showSeconds();
    });
    connect(&desk, &TimelineDesk::refused, &page,
        [this](const QString& sentence) { figures->say(sentence); });
    connect(&desk, &TimelineDesk::failed, &page,
        [this](const Error& error) { services.navigator.report(error); });
    connect(&desk.session(), &LabelSession::stateChanged, &page, [this] { showState(); });
    connect(&desk.session(), &LabelSession::changed, &page, [this](const labels::Edit& edit) {
        if (edit.what != TimelineDesk::modelEdit) // nobody pressed a key for it
            figures->say(fromUtf8(edit.what));
    });
    connect(exchange, &LabelExchange::done, &page,
        [this](const QString& sentence) { figures->say(sentence); });
    queueSoon.setSingleShot(true);
    queueSoon.setInterval(queueMilliseconds);
    connect(&queueSoon, &QTimer::timeout, &page, [this] { readQueue(); });
    connect(&services.project, &ProjectSession::contentsChanged, &page, [this] { readQueue(); });
    connect(&services.project, &ProjectSession::changed, &page, [this] {
        tabs->queue().setRows({});
        readQueue();
    });
    connect(&waveforms, &WaveformService::progressed, &page, [this](qint64 videoId) {
        if (desk.film() && desk.film()->record.id == videoId)
            view->setWaveform(waveforms.waveform(videoId));
    });
    connect(&waveforms, &WaveformService::ready, &page, [this](qint64 videoId) {
        if (desk.film() && desk.film()->record.id == videoId)
            view->setWaveform(waveforms.waveform(videoId));
    });
}

void TimelinePage::Impl::connectView()
{
    connect(player, &Player::positionChanged, &page, [this](double seconds) {
        view->setPosition(seconds);
        keys.follow(seconds);
    });
    connect(player, &Player::playingChanged, &page, [this](bool playing) {
        if (!playing && keys.isDrawing())
            keys.stop(player->position());
    });
    connect(player, &Player::failed, &page,
        [this](const Error& error) { services.navigator.report(error); });
    connect(player, &Player::volumeChanged, &page,
        [this](double volume) { services.preferences.set(studio::keys::volume, volume); });
    connect(view, &TimelineView::seekRequested, player, &Player::seek);
    connect(view, &TimelineView::seekFinished, player, &Player::seek);
    connect(view, &TimelineView::currentTierChanged, &page,
        [this](qint64 tier) { desk.setCurrentTier(tier); });
    connect(view, &TimelineView::rangesChanged, &page,
        [this](const QVector<SegmentRange>& ranges, Gesture gesture) {
            desk.place({ ranges.begin(), ranges.end() }, gesture);
        });
    connect(view, &TimelineView::segmentDrawn, &page, [this](qint64 tier, const TimeRange& range) {
        desk.setCurrentTier(tier);
        std::string label = toUtf8(labelList->currentLabel());
        if (label.empty() && !desk.labelSet().labels.empty())
            label = desk.labelSet().labels.front().name;
        desk.draw({ range.startSeconds, range.stopSeconds }, label);
    });
    connect(view, &TimelineView::selectionChanged, &page, [this](const TimelineSelection& chosen) {
        desk.session().noteActivity();
        const labels::Segment* segment = desk.segment(chosen.current);
        view->setHighlightedLabel(segment ? segment->label : std::string());
        if (!segment || player->isPlaying())
            return;
        if (!(segment->startSeconds <= player->position()
                && player->position() < segment->stopSeconds))
            player->seek(segment->startSeconds);
        view->reveal(TimeRange{ segment->startSeconds, segment->stopSeconds });
    });
    connect(view, &TimelineView::activated, &page, [this] { dialogs->chooseLabel(); });
    connect(view, &TimelineView::contextMenuRequested, &page,
        [this](const TimelinePlace& place, const QPoint& where) {
            dialogs->showContextMenu(place, where);
        });
    connect(
        &keys, &LabelKeys::draftChanged, &page, [this](const std::optional<TimelineDraft>& draft) {
            if (!draft)
                return showMarks();
            TimelineDraft shown = *draft;
            const labels::Tier* hand = desk.handTier();
            shown.tierId = hand ? hand->id : 0;
            view->setDraft(shown);
        });
    connect(&keys, &LabelKeys::drawn, &page,
        [this](const labels::Span& span, const std::string& label) { desk.draw(span, label); });
    connect(&keys, &LabelKeys::learned, &page,
        [this] { services.preferences.setReactionDelays(keys.reactionTime().delays()); });
    keys.setReactionTime(labels::ReactionTime(services.preferences.reactionDelays()));
}

void TimelinePage::Impl::connectTables()
{
    connect(labelList, &LabelList::labelSetEdited, &page, [this](const labels::LabelSet& set) {
        before = comparison.figures();
        if (desk.labelSet().name.empty()) { // the first label of a project makes its set
            labels::LabelSet named = set;
            named.name = toUtf8(TimelinePage::tr("labels"));
            desk.editLabelSet(named);
        } else {
            desk.editLabelSet(set);
        }
    });
    connect(labelList, &LabelList::labelChosen, &page,
        [this](const QString& name) { keyTable->giveLabel(toUtf8(name)); });
    connect(&tabs->segments(), &SegmentsModel::labelWanted, &page,
        [this](qint64 id, const QString& label) { desk.relabel({ id }, toUtf8(label)); });
    connect(&tabs->segments(), &SegmentsModel::rangeWanted, &page,
        [this](qint64 id, const TimeRange& range) {
            desk.setSpan(id, { range.startSeconds, range.stopSeconds });
        });
    connect(&tabs->segments(), &SegmentsModel::verdictWanted, &page,
        [this](qint64 id, labels::Verdict verdict) { desk.setVerdict(id, verdict); });
    connect(&tabs->segments(), &SegmentsModel::noteWanted, &page,
        [this](qint64 id, const QString& note) { desk.setNote(id, toUtf8(note)); });
    connect(tabs, &ReviewTabs::segmentChosen, &page, [this](qint64 id) {
        view->setSelection({ { id }, id });
        if (const labels::Segment* segment = desk.segment(id))
            show({ segment->startSeconds, segment->stopSeconds });
    });
    connect(tabs, &ReviewTabs::doubtChosen, &page, [this](const labels::Doubt& doubt) {
        show({ static_cast<double>(doubt.startSecond), static_cast<double>(doubt.stopSecond) });
        figures->say(DoubtsModel::sentence(doubt));
    });
    connect(compareTab, &CompareTab::placeChosen, &page, [this](double start, double stop) {
        show({ start, stop });
    });
    connect(&comparison, &TierComparison::compared, &page, [this] { showFigures(); });
    connect(tabs, &ReviewTabs::filmChosen, &page,
        [this](qint64 videoId) { page.openVideo(videoId, 0.0); });
}

void TimelinePage::Impl::show(const TimeRange& range)
{
    player->seek(range.startSeconds);
    view->reveal(range);
}

void TimelinePage::Impl::showFilm()
{
    const TimelineFilm* film = desk.film();
    stack->setCurrentWidget(film ? static_cast<QWidget*>(rows) : empty);
    if (page.hasFocus())
        page.takeFocus();
    keyTable->in.reset();
    keyTable->out.reset();
    keys.cancel();
    if (!film) {
        player->close();
        view->setVideo({});
        comparison.setVideo(nullptr);
        return;
    }
    player->open(fromPath(film->record.path), film->index);
    player->seek(std::exchange(wantedSeconds, 0.0));
    view->setVideo({ film->record.id, film->index->durationSeconds(), film->index });
    comparison.setVideo(film->index);
    view->setWaveform(film->record.hasAudio ? waveforms.waveform(film->record.id) : nullptr);
    showShown();
    showModel();
    showState();
    tabs->showFilm(film->record.id);
}

void TimelinePage::Impl::showShown()
{
    view->setAnnotation(desk.shown());
    tabs->segments().setAnnotation(desk.shown());
    compareTab->setTiers(*desk.shown());
    comparison.setAnnotation(desk.shown());
    showSeconds();
}

void TimelinePage::Impl::showSeconds()
{
    QHash<QString, double> seconds;
    const labels::Tier* tier = desk.handTier();
    for (const labels::Tier* each : { tier ? tier : desk.modelTier() })
        if (each)
            for (const labels::Segment& segment : each->segments)
                seconds[fromUtf8(segment.label)] += segment.seconds();
    labelList->setSeconds(seconds);
}

void TimelinePage::Impl::showModel()
{
    const std::optional<LabelReply>& reply = desk.reply();
    if (!reply || reply->seconds == 0) {
        view->setCurves(nullptr);
        view->setChangePoints({});
        keys.setChangePoints({});
        labelList->setThresholds({});
        return;
    }
    auto curves = std::make_shared<TimelineCurves>();
    for (const labels::Label& label : reply->labelSet.labels)
        curves->labels.push_back(label.name);
    curves->scores = *reply->scores;
    curves->margins = reply->labelling.margins;
    curves->threshold = reply->threshold;
    curves->doubtfulMargin = desk.doubtfulMargin();
    const auto [low, high] = std::ranges::minmax(curves->scores);
    labelList->setThresholds(LabelList::Thresholds{ low, high, reply->threshold });
    view->setCurves(std::move(curves));
    std::vector<double> changes;
    for (const labels::ChangePoint& change : reply->labelling.changePoints)
        changes.push_back(static_cast<double>(change.second));
    view->setChangePoints(changes);
    keys.setChangePoints(std::move(changes));
}

void TimelinePage::Impl::showState()
{
    LabelSession& session = desk.session();
    figures->setSpent(session.secondsSpent());
    figures->setSaved(session.isSaved(), session.isReadOnly());
    if (session.isSaved())
        queueSoon.start();
}

void TimelinePage::Impl::showFigures()
{
    const std::optional<TierFigures>& found = comparison.figures();
    if (!found)
        return figures->setFigures({});
    const labels::Comparison& all = found->comparison;
    if (const auto old = std::exchange(before, {}))
        figures->say(TimelinePage::tr("Accuracy %1 % before, %2 % now; %3 differed, %4 differ")
                         .arg(100.0 * old->comparison.frameAccuracy, 0, 'f', 1)
                         .arg(100.0 * all.frameAccuracy, 0, 'f', 1)
                         .arg(shortDuration(old->comparison.secondsThatDiffer),
                             shortDuration(all.secondsThatDiffer)));
    figures->setFigures(TimelineFigures{
        TimelinePage::tr("%1 and %2").arg(fromUtf8(found->tierA), fromUtf8(found->tierB)),
        all.frameAccuracy, all.segments10.f1(), all.segments25.f1(), all.segments50.f1(),
        all.editScore, all.kappa, all.secondsThatDiffer });
}

void TimelinePage::Impl::showMarks()
{
    const auto& [in, out] = std::pair{ keyTable->in, keyTable->out };
    if (!in && !out)
        return view->setDraft({});
    const double start = in.value_or(0.0), stop = out.value_or(player->duration());
    view->setDraft(TimelineDraft{ { std::min(start, stop), std::max(start, stop) }, {}, 0 });
}

void TimelinePage::Impl::readQueue()
{
    if (!services.project.isOpen())
        return;
    queueLane.run([folder = services.project.folder()](
                      const std::stop_token&) { return studio::readQueue(folder); },
        [this](Result<std::vector<QueueRow>> read) {
            if (!read)
                return services.navigator.report(read.error());
            tabs->queue().setRows(std::move(*read));
            openWanted();
        });
}

void TimelinePage::Impl::openWanted()
{
    if (!page.isVisible() || desk.film() || desk.isOpening() || tabs->queue().rows().empty())
        return;
    if (tabs->queue().rowOf(wantedFilm) < 0) {
        wantedFilm = tabs->queue().rows().front().videoId;
        wantedSeconds = 0.0;
    }
    desk.openFilm(std::exchange(wantedFilm, 0));
}

const labels::Label* TimelinePage::Impl::labelOf(const QKeyEvent& event) const
{
    const Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    if (modifiers != Qt::NoModifier || event.text().isEmpty())
        return nullptr;
    const labels::LabelSet& set = desk.labelSet();
    for (std::size_t i = 0; i < set.labels.size(); ++i)
        if (const QString key = keyOf(set, i);
            !key.isEmpty() && key.compare(event.text(), Qt::CaseInsensitive) == 0)
            return &set.labels[i];
    return nullptr;
}

TimelinePage::TimelinePage(Services& services, QWidget* parent)
    : Page(parent)
    , m_impl(std::make_unique<Impl>(*this, services))
{
    setObjectName(QStringLiteral("timelinePage"));
    m_impl->build();
    m_impl->view->installEventFilter(this);
    m_impl->connectDesk();
    m_impl->connectView();
    m_impl->connectTables();
    m_impl->showFilm();
    m_impl->showState();
    connect(&services.navigator, &Navigator::labellingRequested, this, &TimelinePage::openVideo);
}

TimelinePage::~TimelinePage() = default;

std::vector<ActionRow> TimelinePage::actionRows()
{
    return timelineActionRows(*m_impl->keyTable);
}

void TimelinePage::openVideo(qint64 videoId, double seconds)
{
    const TimelineFilm* film = m_impl->desk.film();
    if (film && film->record.id == videoId)
        return m_impl->player->seek(seconds);
    m_impl->wantedSeconds = seconds;
    m_impl->desk.openFilm(videoId);
}

bool TimelinePage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusOut)
        m_impl->player->setSlowShuttle(false);
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyRelease) {
        const auto* key = static_cast<const QKeyEvent*>(event);
        if (key->key() == Qt::Key_K && !key->isAutoRepeat())
            m_impl->player->setSlowShuttle(event->type() == QEvent::ShortcutOverride);
    }
    return Page::eventFilter(watched, event);
}

void TimelinePage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && m_impl->keys.isDrawing())
        return m_impl->keys.cancel();
    const labels::Label* label = m_impl->labelOf(*event);
    if (!label)
        return Page::keyPressEvent(event);
    if (event->isAutoRepeat())
        return;
    m_impl->desk.session().noteActivity();
    if (m_impl->player->speed() > 0.0)
        m_impl->keys.press(label->name, m_impl->player->position(), m_impl->player->speed());
    else
        m_impl->keyTable->giveLabel(label->name);
}

void TimelinePage::keyReleaseEvent(QKeyEvent* event)
{
    if (event->isAutoRepeat() || !m_impl->labelOf(*event))
        return Page::keyReleaseEvent(event);
    m_impl->keys.release(m_impl->player->position(), std::max(0.0, m_impl->player->speed()));
}

void TimelinePage::takeFocus()
{
    QWidget* target = m_impl->desk.film() ? static_cast<QWidget*>(m_impl->view) : this;
    target->setFocus();
}

bool TimelinePage::isSettled() const
{
    const TimelineFilm* film = m_impl->desk.film();
    return !m_impl->desk.isOpening() && !m_impl->queueLane.isBusy()
        && (!film || m_impl->player->frameIndex() >= 0);
}

void TimelinePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_impl->openWanted();
}

void TimelinePage::hideEvent(QHideEvent* event)
{
    m_impl->player->pause(); // nobody hears a page they cannot see
    Page::hideEvent(event);
}

QJsonObject TimelinePage::saveState() const
{
    const TimelineFilm* film = m_impl->desk.film();
    return {
        { QStringLiteral("rows"), QString::fromLatin1(m_impl->rows->saveState().toBase64()) },
        { QStringLiteral("columns"), QString::fromLatin1(m_impl->columns->saveState().toBase64()) },
        { QStringLiteral("tab"), m_impl->tabs->currentIndex() },
        { QStringLiteral("project"), fromPath(m_impl->services.project.folder()) },
        { QStringLiteral("video"), film ? film->record.id : m_impl->wantedFilm },
        { QStringLiteral("seconds"), m_impl->player->position() },
        { QStringLiteral("rule"), toJson(m_impl->desk.options()) },
    };
}

void TimelinePage::restoreState(const QJsonObject& state)
{
    const auto bytes = [&state](const char* key) {
        return QByteArray::fromBase64(state[QLatin1String(key)].toString().toLatin1());
    };
    m_impl->rows->restoreState(bytes("rows"));
    m_impl->columns->restoreState(bytes("columns"));
    m_impl->tabs->setCurrentIndex(state[QLatin1String("tab")].toInt());
    m_impl->desk.setOptions(segmenterOptionsOf(state[QLatin1String("rule")].toObject()));
    m_impl->wantedFilm = state[QLatin1String("video")].toInteger();
    m_impl->wantedSeconds = state[QLatin1String("seconds")].toDouble();
    m_impl->openWanted();
}

TimelineDesk& TimelinePage::desk()
{
    return m_impl->desk;
}

Player& TimelinePage::player()
{
    return *m_impl->player;
}

TimelineView& TimelinePage::timeline()
{
    return *m_impl->view;
}

} // namespace clipscope::studio
