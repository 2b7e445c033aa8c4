#include "app/studio/pages/search/search_page.h"

#include "app/studio/navigator.h"
#include "app/studio/pages/search/results_header.h"
#include "app/studio/pages/search/search_controller.h"
#include "app/studio/pages/search/start_panel.h"
#include "app/studio/preferences.h"
#include "app/studio/project_session.h"
#include "app/studio/services.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/player/player.h"
#include "widgets/results/results_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <utility>

namespace clipscope::studio {

namespace space = widgets::space;
using widgets::fromUtf8;
using widgets::Moment;
using widgets::VideoMoments;

namespace {

/// The command that makes the model: what the error's hint has between backticks.
QString commandIn(const SearchController& controller)
{
    const std::optional<Error>& error = controller.model().error;
    const QString hint = error ? fromUtf8(error->hint) : QString();
    const QString quoted = hint.section(QLatin1Char('`'), 1, 1);
    return quoted.isEmpty() ? QStringLiteral("clipscope-cli make-starter") : quoted;
}

} // namespace

struct SearchPage::Impl
{
    SearchPage& page;
    Services& services;
    SearchController* controller = nullptr;

    ResultsHeader* header = nullptr; ///< hidden while nothing is typed
    QLabel* note = nullptr; ///< what is not covered, what was cut, "nothing matches well"
    QLabel* limits = nullptr;
    QStackedWidget* stack = nullptr;
    StartPanel* start = nullptr;
    widgets::EmptyState* message = nullptr;
    QPushButton* action = nullptr; ///< of the message
    widgets::ResultsView* results = nullptr;
    QSplitter* splitter = nullptr;
    QWidget* titleBar = nullptr; ///< hidden while nothing is open
    widgets::ElidedLabel* videoTitle = nullptr;
    widgets::Player* player = nullptr;

    SearchReply reply; ///< what the results show
    qint64 videoId = 0; ///< in the player
    QJsonObject restored; ///< of the last session, until its project is open
    bool committed = false; ///< Enter in the query box, and what was found is not shown yet
    bool chosenByUser = false; ///< else the player shows the best moment of the last answer

    Impl(SearchPage& owner, Services& given)
        : page(owner)
        , services(given)
        , controller(new SearchController(given, &owner))
    {
    }

    QWidget* buildPlayerSide();
    void build();
    void connectAll();

    void showScene();
    void showMessage(SearchScene scene);
    void showNote();
    void showResults(const SearchReply& found);
    void arrangeResults(widgets::ResultsView::Place place);
    void showBest();
    void showStrips(const StripsReply& strips);
    void load(const VideoMoments& video);
    void playMoment(const VideoMoments& video, const Moment& moment);
    void watchVisible();
    void runAction();
    void startOver();
};

QWidget* SearchPage::Impl::buildPlayerSide()
{
    auto* side = new QWidget(&page);
    side->setProperty("part", QStringLiteral("panel"));
    side->setAttribute(Qt::WA_StyledBackground);
    videoTitle = new widgets::ElidedLabel({}, side);
    videoTitle->setFont(widgets::typeface(widgets::TypeSize::Base, true));
    videoTitle->setAccessibleName(SearchPage::tr("Video in the player"));
    player = new widgets::Player(side);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    titleBar = new QWidget(side);
    auto* titleRow = new QHBoxLayout(titleBar);
    titleRow->setContentsMargins(space::l, space::s, space::l, space::s);
    titleRow->addWidget(videoTitle);
    titleBar->hide();
    column->addWidget(titleBar);
    column->addWidget(player, 1);
    return side;
}

void SearchPage::Impl::build()
{
    header = new ResultsHeader(&page);
    start = new StartPanel(&page);
    message = new widgets::EmptyState(widgets::Icon::Search, {}, {}, &page);
    action = message->addButton({});
    results = new widgets::ResultsView(services.thumbnails, &page);
    stack = new QStackedWidget(&page);
    for (QWidget* each : std::initializer_list<QWidget*>{ start, message, results })
        stack->addWidget(each);

    note = new QLabel(&page);
    note->setWordWrap(true);
    note->setTextFormat(Qt::PlainText);
    note->setObjectName(QStringLiteral("searchNote"));
    note->setIndent(0);
    note->setProperty("part", QStringLiteral("banner-info"));
    note->setContentsMargins(space::l, space::s, space::l, space::s);
    limits = new QLabel(&page);
    limits->setWordWrap(true);
    limits->setTextFormat(Qt::PlainText);
    limits->setObjectName(QStringLiteral("searchLimits"));
    limits->setProperty("role", QStringLiteral("secondary"));
    limits->setFont(widgets::typeface(widgets::TypeSize::Secondary));
    limits->setContentsMargins(space::l, space::s, space::l, space::s);

    auto* left = new QWidget(&page);
    left->setProperty("part", QStringLiteral("panel"));
    left->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(note);
    column->addWidget(stack, 1);
    column->addWidget(limits);

    splitter = new QSplitter(Qt::Horizontal, &page);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(left);
    splitter->addWidget(buildPlayerSide());
    splitter->setStretchFactor(0, 1);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({ 1000, 1000 }); // in equal shares
    left->setMinimumWidth(360);
    splitter->widget(1)->setMinimumWidth(380);
    auto* whole = new QVBoxLayout(&page);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(splitter);
}

void SearchPage::Impl::connectAll()
{
    Navigator& navigator = services.navigator;
    connect(&navigator, &Navigator::queryChanged, &page, [this](const QString& text, bool entered) {
        committed = entered;
        entered ? page.setQuery(text) : controller->type(text);
        // What was found while typing is the answer already.
        if (entered && !controller->isBusy() && reply.query == controller->query())
            showBest();
    });
    connect(&navigator, &Navigator::videoRequested, &page,
        [this](std::int64_t id, double seconds) { page.openVideo(id, seconds); });
    connect(&services.project, &ProjectSession::changed, &page, [this] { startOver(); });
    connect(start, &StartPanel::queryChosen, &navigator, &Navigator::requestQuery);
    connect(header, &ResultsHeader::clearRequested, &navigator, [this] {
        services.navigator.requestQuery({});
        services.navigator.focusQueryBox();
    });
    connect(header, &ResultsHeader::pinToggled, controller, &SearchController::togglePin);
    connect(header, &ResultsHeader::arrangementChanged, &page,
        [this] { arrangeResults(widgets::ResultsView::Place::Keep); });
    connect(action, &QPushButton::clicked, &page, [this] { runAction(); });

    connect(controller, &SearchController::sceneChanged, &page, [this] { showScene(); });
    connect(controller, &SearchController::found, &page,
        [this](const SearchReply& found) { showResults(found); });
    connect(controller, &SearchController::stripsChanged, &page,
        [this](const StripsReply& strips) { showStrips(strips); });
    connect(controller, &SearchController::failed, &navigator, &Navigator::report);
    connect(controller, &SearchController::located, &page, [this](const LocatedVideo& it) {
        chosenByUser = true;
        load(it.video);
        player->pause();
        player->seek(it.seconds);
    });

    connect(results, &widgets::ResultsView::momentChosen, &page,
        [this](const VideoMoments& video, const Moment& moment) { playMoment(video, moment); });
    connect(results, &widgets::ResultsView::timeChosen, &page,
        [this](const VideoMoments& video, double seconds) {
            chosenByUser = true;
            load(video);
            player->pause();
            player->seek(seconds);
        });
    connect(results, &widgets::ResultsView::playToggleWished, player, &widgets::Player::togglePlay);
    player->setVolume(services.preferences.get(keys::volume));
    connect(player, &widgets::Player::volumeChanged, &page,
        [this](double volume) { services.preferences.set(keys::volume, volume); });
    player->setJumpFrames(services.preferences.get(keys::jumpFrames));
    connect(player, &widgets::Player::jumpFramesChanged, &page,
        [this](int frames) { services.preferences.set(keys::jumpFrames, frames); });
    connect(player, &widgets::Player::failed, &navigator, &Navigator::report);
}

void SearchPage::Impl::showScene()
{
    const SearchScene scene = controller->scene();
    const QString query = controller->query();
    header->setQuery(query, controller->isPinned());
    header->setAnswerVisible(scene == SearchScene::Results && !reply.query.isEmpty());
    limits->setText(controller->model().limits.isEmpty()
            ? QString()
            : QStringLiteral("%1. %2").arg(controller->model().title, controller->model().limits));
    limits->setVisible(!limits->text().isEmpty());
    if (scene == SearchScene::Results) {
        // The last answer stays until the next one is here: nothing flickers while typing.
        stack->setCurrentWidget(results);
    } else if (scene == SearchScene::Start) {
        start->setQueries(
            controller->suggestions(), controller->pinnedQueries(), controller->recentQueries());
        stack->setCurrentWidget(start);
    } else {
        showMessage(scene);
        stack->setCurrentWidget(message);
    }
    if (scene != SearchScene::Results && !reply.query.isEmpty()) {
        reply = {};
        arrangeResults(widgets::ResultsView::Place::Top);
    }
    showNote();
}

void SearchPage::Impl::showMessage(SearchScene scene)
{
    const std::optional<Error>& error = controller->model().error;
    const QString reason = error ? fromUtf8(error->message) : QString();
    const QString hint = error ? fromUtf8(error->hint) : QString();
    action->hide();
    switch (scene) {
    case SearchScene::NoProject:
        message->setText(SearchPage::tr("No project is open"),
            SearchPage::tr("Open a project or drop a folder of videos on the Collection page."));
        action->setText(SearchPage::tr("Go to Collection"));
        action->show();
        break;
    case SearchScene::Loading:
        message->setText(
            SearchPage::tr("Loading the model"), SearchPage::tr("This takes a moment."));
        break;
    case SearchScene::NoModel:
        message->setText(SearchPage::tr("No model is installed"),
            hint.isEmpty() ? SearchPage::tr("Make the starter once with this command:\n%1")
                                 .arg(commandIn(*controller))
                           : QStringLiteral("%1\n%2").arg(reason, hint));
        action->setText(SearchPage::tr("Copy Command"));
        action->show();
        break;
    case SearchScene::Failed:
        message->setText(SearchPage::tr("This project cannot be searched now"),
            hint.isEmpty() ? reason : QStringLiteral("%1\n%2").arg(reason, hint));
        break;
    case SearchScene::NoVideos:
        message->setText(SearchPage::tr("The project has no videos yet"),
            SearchPage::tr("Drop a folder of videos on the Collection page."));
        action->setText(SearchPage::tr("Go to Collection"));
        action->show();
        break;
    case SearchScene::NothingExtracted:
        message->setText(SearchPage::tr("No video can be searched yet"),
            SearchPage::tr("Features of the videos are still to be extracted; results appear "
                           "here as they come."));
        break;
    case SearchScene::Start:
    case SearchScene::Results:
        break;
    }
}

void SearchPage::Impl::runAction()
{
    if (controller->scene() == SearchScene::NoModel)
        QGuiApplication::clipboard()->setText(commandIn(*controller));
    else
        services.navigator.openPage(PageId::Collection);
}

void SearchPage::Impl::showNote()
{
    QStringList lines;
    if (reply.nothingMatches)
        lines.append(reply.videos.empty()
                ? SearchPage::tr("Nothing here matches.")
                : SearchPage::tr("Nothing here matches well. The closest moments are below."));
    lines.append(reply.notes);
    if (const SearchScene scene = controller->scene();
        scene == SearchScene::Start || scene == SearchScene::Results) {
        if (const QString coverage = controller->coverage(); !coverage.isEmpty())
            lines.append(coverage);
    }
    note->setText(lines.join(QLatin1Char('\n')));
    note->setVisible(!lines.isEmpty());
}

void SearchPage::Impl::showResults(const SearchReply& found)
{
    if (controller->scene() != SearchScene::Results)
        return;
    const bool sameWords = found.query == reply.query;
    reply = found;
    header->setAnswer(found.videos, found.milliseconds);
    header->setAnswerVisible(true);
    arrangeResults(
        sameWords ? widgets::ResultsView::Place::Keep : widgets::ResultsView::Place::Top);
    showNote();
    // A player that nobody uses shows the best moment, still.
    if (committed || !chosenByUser)
        showBest();
    watchVisible();
}

void SearchPage::Impl::arrangeResults(widgets::ResultsView::Place place)
{
    results->setVideos(header->arrange(reply.videos), place);
}

void SearchPage::Impl::showBest()
{
    const auto& videos = results->moments().videos();
    if (videos.empty() || videos.front().moments.empty())
        return;
    if (std::exchange(committed, false)) {
        results->setFocus(); // the arrows are for the results next
        chosenByUser = false;
    }
    load(videos.front());
    player->pause();
    player->seek(videos.front().moments.front().peakSeconds);
}

void SearchPage::Impl::showStrips(const StripsReply& strips)
{
    results->setStrips(strips.strips);
    if (strips.query.isEmpty())
        player->setScores({});
    else if (const auto found = strips.strips.constFind(videoId); found != strips.strips.constEnd())
        player->setScores(*found);
}

void SearchPage::Impl::load(const VideoMoments& video)
{
    if (videoId != video.videoId || player->path() != video.path) {
        videoId = video.videoId;
        videoTitle->setFullText(video.title);
        titleBar->show();
        player->open(video.path, video.index);
    }
    player->setScores(video.heat);
    watchVisible();
}

void SearchPage::Impl::playMoment(const VideoMoments& video, const Moment& moment)
{
    chosenByUser = true;
    controller->rememberQuery();
    load(video);
    player->playRange(moment.startSeconds, moment.stopSeconds);
}

void SearchPage::Impl::watchVisible()
{
    QList<qint64> ids = results->visibleVideos();
    if (videoId != 0 && !ids.contains(videoId))
        ids.prepend(videoId);
    controller->watch(ids);
}

void SearchPage::Impl::startOver()
{
    player->close();
    titleBar->hide();
    videoId = 0;
    chosenByUser = false;
    const QJsonObject last = std::exchange(restored, {});
    const qint64 video = last[QLatin1String("video")].toInteger();
    if (video != 0
        && last[QLatin1String("project")].toString()
            == widgets::fromPath(services.project.folder()))
        controller->locate(video, last[QLatin1String("seconds")].toDouble());
}

SearchPage::SearchPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_impl(std::make_unique<Impl>(*this, services))
{
    setObjectName(QStringLiteral("searchPage"));
    m_impl->build();
    m_impl->connectAll();
    m_impl->showScene();
}

SearchPage::~SearchPage() = default;

std::vector<ActionRow> SearchPage::actionRows()
{
    widgets::Player* player = m_impl->player;
    const auto row = [](const char* id, const QString& text, const QKeySequence& key,
                         std::optional<widgets::Icon> icon, std::function<void()> run) {
        return ActionRow{ QLatin1String(id), text, key, icon, std::move(run), nullptr };
    };
    return {
        row("search.pin", tr("Pin or Unpin the Query"), QKeySequence(Qt::CTRL | Qt::Key_Return),
            widgets::Icon::Pin, [this] { m_impl->controller->togglePin(); }),
        row("search.label", tr("Label This Video on the Timeline"), Qt::Key_T,
            widgets::Icon::Timeline,
            [this, player] {
                if (m_impl->videoId != 0)
                    m_impl->services.navigator.labelVideo(m_impl->videoId, player->position());
            }),
        row("search.play", tr("Play or Pause"), Qt::Key_Space, widgets::Icon::Play,
            [player] { player->togglePlay(); }),
        row("search.shuttle-back", tr("Run Backwards, Again for Faster"), Qt::Key_J, {},
            [player] { player->shuttle(-1); }),
        row("search.shuttle-stop", tr("Stop"), Qt::Key_K, {}, [player] { player->pause(); }),
        row("search.shuttle-forward", tr("Run Forwards, Again for Faster"), Qt::Key_L, {},
            [player] { player->shuttle(1); }),
        row("search.frame-back", tr("One Frame Back"), Qt::Key_Comma, widgets::Icon::FrameBack,
            [player] { player->stepFrames(-1); }),
        row("search.frame-forward", tr("One Frame Forward"), Qt::Key_Period,
            widgets::Icon::FrameForward, [player] { player->stepFrames(1); }),
        row("search.second-back", tr("One Second Back"), QKeySequence(Qt::SHIFT | Qt::Key_Left), {},
            [player] { player->stepSeconds(-1.0); }),
        row("search.second-forward", tr("One Second Forward"),
            QKeySequence(Qt::SHIFT | Qt::Key_Right), {}, [player] { player->stepSeconds(1.0); }),
    };
}

void SearchPage::takeFocus()
{
    QWidget* target = m_impl->results->isVisible() ? static_cast<QWidget*>(m_impl->results) : this;
    target->setFocus();
}

void SearchPage::hideEvent(QHideEvent* event)
{
    m_impl->player->pause(); // nobody hears a page they cannot see
    Page::hideEvent(event);
}

bool SearchPage::isSettled() const
{
    return !m_impl->controller->isBusy() && m_impl->controller->scene() != SearchScene::Loading
        && (m_impl->player->path().isEmpty() || m_impl->player->frameIndex() >= 0);
}

QJsonObject SearchPage::saveState() const
{
    if (!m_impl->restored.isEmpty())
        return m_impl->restored; // its project is still being opened
    return {
        { QStringLiteral("splitter"),
            QString::fromLatin1(m_impl->splitter->saveState().toBase64()) },
        { QStringLiteral("order"), static_cast<int>(m_impl->header->order()) },
        { QStringLiteral("project"), widgets::fromPath(m_impl->services.project.folder()) },
        { QStringLiteral("video"), m_impl->videoId },
        { QStringLiteral("seconds"), m_impl->player->position() },
    };
}

void SearchPage::restoreState(const QJsonObject& state)
{
    m_impl->splitter->restoreState(
        QByteArray::fromBase64(state[QLatin1String("splitter")].toString().toLatin1()));
    m_impl->header->setOrder(state[QLatin1String("order")].toInt() == 1
            ? widgets::MomentOrder::ByName
            : widgets::MomentOrder::BestFirst);
    m_impl->restored = state;
}

void SearchPage::setQuery(const QString& query)
{
    m_impl->controller->commit(query);
}

QString SearchPage::query() const
{
    return m_impl->controller->query();
}

void SearchPage::openVideo(qint64 videoId, double seconds)
{
    m_impl->controller->locate(videoId, seconds);
}

widgets::Player& SearchPage::player()
{
    return *m_impl->player;
}

widgets::ResultsView& SearchPage::results()
{
    return *m_impl->results;
}

} // namespace clipscope::studio
