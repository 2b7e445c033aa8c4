#include "app/studio/actions.h"
#include "app/studio/pages/timeline/figures_bar.h"
#include "app/studio/pages/timeline/timeline_desk.h"
#include "app/studio/pages/timeline/timeline_page.h"
#include "jobs/import.h"
#include "jobs/init.h"
#include "labels/label_file.h"
#include "store/label_store.h"
#include "store/project.h"
#include "support/gui.h"
#include "support/make_video.h"
#include "support/quiet_studio.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/player.h"
#include "widgets/timeline/label_list.h"
#include "widgets/timeline/timeline_geometry.h"
#include "widgets/timeline/timeline_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>

using namespace clipscope;
using namespace clipscope::studio;

namespace {

constexpr int seconds = 20;

/// Answers as a model would that hears "cut" from 2 to 6, "stir" from 8 to 14 and is unsure at 17.
class LabellingModel final : public ModelService
{
public:
    LabellingModel() { m_state.phase = ModelState::Phase::Ready; }
    const ModelState& state() const override { return m_state; }
    void openProject(const std::filesystem::path&, const QString&) override { }
    void refresh() override { }
    void search(const QString&) override { }
    void strips(const QString&, const QList<qint64>&) override { }
    void suggest() override { }
    void label(qint64 videoId, const labels::LabelSet& set,
        const labels::SegmenterOptions& options) override
    {
        ++asked;
        const std::size_t L = set.labels.size();
        std::vector<float> scores(seconds * L, 0.1F);
        for (std::size_t l = 0; l < L; ++l)
            for (std::size_t t = 0; t < seconds; ++t) {
                const bool cuts = t >= 2 && t < 6, stirs = t >= 8 && t < 14;
                // "chop" is heard where "cut" is, and two seconds longer.
                const std::string said = set.labels[l].spokenWordings().front();
                if ((said == "cut" && cuts) || (said == "chop" && t >= 2 && t < 8)
                    || (said == "stir" && stirs))
                    scores[t * L + l] = 1.0F;
                else if (t == 17)
                    scores[t * L + l] = 0.49F;
            }
        LabelReply reply;
        reply.videoId = videoId;
        reply.labelSet = set;
        reply.options = options;
        reply.seconds = seconds;
        reply.threshold = options.threshold.value_or(0.5);
        reply.thresholds = labels::thresholdsOf(set, reply.threshold);
        reply.labelling = labels::segment({ scores, L }, reply.thresholds, options);
        reply.segments = labels::segmentsOf(reply.labelling.spans, set, seconds);
        reply.scores = std::make_shared<const std::vector<float>>(std::move(scores));
        QMetaObject::invokeMethod(
            this, [this, reply] { Q_EMIT labelled(reply); }, Qt::QueuedConnection);
    }

    int asked = 0;

private:
    ModelState m_state;
};

/// "cut 2-6, stir 8-14": what a tier says.
QString written(const labels::Tier* tier)
{
    QStringList parts;
    for (const labels::Segment& segment : tier ? tier->segments : std::vector<labels::Segment>{})
        parts += QStringLiteral("%1 %2-%3")
                     .arg(QString::fromStdString(segment.label))
                     .arg(segment.startSeconds)
                     .arg(segment.stopSeconds);
    return parts.join(QStringLiteral(", "));
}

} // namespace

class TestTimelinePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void showsWhatTheModelSays();
    void labelsBetweenMarksByKey();
    void drawsMovesAndResizesByMouse();
    void splitsMergesAndTakesItBackByKeys();
    void acceptsAndRejectsSuggestionsByKeys();
    void shuttlesSlowlyWhileKIsHeld();
    void labelsWhileItPlays();
    void showsAnotherWordingAtOnceAndKeepsItLater();
    void asksWithTheTemplatesOfTheSet();
    void takesTheRuleFromItsForm();
    void takesSegmentsAlongWhenALabelIsRenamed();
    void goesToThePlaceInDoubt();
    void comparesHandAndModelAsOneWorks();
    void importsAndExportsThroughTheDialogs();
    void remembersTheReviewInTheQueue();
    void offersEveryKeyOnce();

private:
    labels::LabelSet kitchen() const;
    void openFilm();
    void chooseSet();
    void seek(double to);
    void key(int code, Qt::KeyboardModifiers modifiers = {});
    QString hand() const { return written(m_page->desk().handTier()); }
    QString model() const { return written(m_page->desk().modelTier()); }
    QPoint placeOf(double at, const char* tier) const;
    void typeIntoFileDialog(const QString& path);

    QTemporaryDir m_folder;
    std::filesystem::path m_project;
    qint64 m_videoId = 0;
    std::string m_hash;
    std::unique_ptr<test::QuietStudio> m_studio;
    std::unique_ptr<LabellingModel> m_model;
    std::unique_ptr<Services> m_services;
    std::unique_ptr<TimelinePage> m_page;
};

void TestTimelinePage::initTestCase()
{
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    const std::filesystem::path folder = widgets::toPath(m_folder.path());
    m_project = folder / "films.clipscope";
    test::MadeVideo made;
    made.frames = seconds * made.fps;
    made.sound = true;
    QVERIFY_RESULT(test::makeVideo(folder / "kitchen.mp4", made));
    QVERIFY_RESULT(jobs::runInit({ m_project }, {}));
    QVERIFY_RESULT(jobs::runImport({ m_project, { folder / "kitchen.mp4" }, {}, 1 }, {}));
    const auto project = store::Project::open(m_project, store::Access::ReadOnly);
    QVERIFY_RESULT(project);
    const auto videos = project->catalogue().videos();
    QCOMPARE(videos->size(), std::size_t{ 1 });
    m_videoId = videos->front().id;
    m_hash = videos->front().contentHash;
}

labels::LabelSet TestTimelinePage::kitchen() const
{
    labels::LabelSet set;
    set.name = "kitchen";
    for (const char* name : { "cut", "stir" })
        set.labels.emplace_back().name = name;
    return set;
}

void TestTimelinePage::init()
{
    test::failOnAnyWarningOfOurs();
    for (const char* leftover : { "labels.sqlite", "labels.sqlite-wal", "labels.sqlite-shm" })
        std::filesystem::remove(m_project / leftover);
    std::filesystem::remove_all(m_project / "label-sets");
    const QString preferences = m_folder.filePath(QStringLiteral("preferences.ini"));
    QFile::remove(preferences);
    m_studio = std::make_unique<test::QuietStudio>(preferences);
    m_model = std::make_unique<LabellingModel>();
    m_services.reset(new Services{ m_studio->project, m_studio->jobs, *m_model, m_studio->pictures,
        m_studio->waveforms, m_studio->preferences, m_studio->navigator });
    connect(&m_studio->navigator, &Navigator::errorReported, this,
        [](const Error& error) { qWarning("%s", error.toString().c_str()); });
    m_page = std::make_unique<TimelinePage>(*m_services);
    m_page->player().setMuted(true);
    studio::addActions(m_page.get(), m_page->actionRows(), m_studio->preferences);
    m_page->resize(1280, 760);
    m_page->show();
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    m_studio->project.open(m_project);
    openFilm();
}

void TestTimelinePage::cleanup()
{
    m_page.reset();
    m_services.reset();
    m_model.reset();
    m_studio.reset();
}

/// The page opens the only film by itself.
void TestTimelinePage::openFilm()
{
    QTRY_VERIFY(m_page->desk().film() && m_page->isSettled());
    QTRY_VERIFY(m_page->desk().session().isOpen());
    m_page->timeline().setFocus();
}

void TestTimelinePage::chooseSet()
{
    m_page->desk().shelf().put(kitchen());
    m_page->desk().chooseLabelSet("kitchen");
    QTRY_VERIFY(m_page->desk().reply());
    QTRY_COMPARE(model(), QStringLiteral("cut 2-6, stir 8-14"));
}

void TestTimelinePage::seek(double to)
{
    m_page->player().seek(to);
    QTRY_COMPARE(m_page->player().position(), to);
}

void TestTimelinePage::key(int code, Qt::KeyboardModifiers modifiers)
{
    QTest::keyClick(&m_page->timeline(), static_cast<Qt::Key>(code), modifiers);
}

/// Where a time stands on a tier, by the segment's own accessible picture.
QPoint TestTimelinePage::placeOf(double at, const char* tier) const
{
    const widgets::TimelineView& view = m_page->timeline();
    const std::vector<labels::Tier>& tiers = m_page->desk().shown()->tiers;
    const auto index
        = std::ranges::find(tiers, std::string(tier), &labels::Tier::name) - tiers.begin();
    const widgets::TimelineRow* row = view.rows().tierRow(static_cast<int>(index));
    return { qRound(view.axis().xOf(at)), qRound(row->top + row->height / 2.0) };
}

void TestTimelinePage::showsWhatTheModelSays()
{
    chooseSet();
    QVERIFY(m_page->desk().modelTier()->source == labels::Source::Model);
    // Shown, not stored: nobody asked for it.
    QTest::qWait(50);
    QVERIFY(m_page->desk().session().annotation().tiers.empty());
    key(Qt::Key_R, Qt::ControlModifier);
    QTRY_COMPARE(m_page->desk().session().annotation().tiers.size(), std::size_t{ 1 });
    QTRY_VERIFY(m_page->desk().session().isSaved());
    const auto stored = store::LabelStore::open(m_project, store::Access::ReadOnly);
    QCOMPARE(written(stored->read(m_hash)->annotation.tier("model")),
        QStringLiteral("cut 2-6, stir 8-14"));
}

void TestTimelinePage::labelsBetweenMarksByKey()
{
    chooseSet();
    seek(1.0);
    key(Qt::Key_I);
    seek(3.0);
    key(Qt::Key_O); // the frame on screen is the last one inside
    key(Qt::Key_2);
    QTRY_COMPARE(hand(), QStringLiteral("stir 1-3.04"));
    // Without a selection the key gives its label to what is under the cursor.
    key(Qt::Key_1);
    QTRY_COMPARE(hand(), QStringLiteral("cut 1-3.04"));
}

void TestTimelinePage::drawsMovesAndResizesByMouse()
{
    chooseSet();
    m_page->desk().addTier("hand");
    QTRY_VERIFY(m_page->desk().shown()->tier("hand"));
    auto* view = &m_page->timeline();
    const auto drag = [&](double from, double to, Qt::KeyboardModifiers modifiers = {}) {
        const QPoint start = placeOf(from, "hand"), stop = placeOf(to, "hand");
        QTest::mousePress(view, Qt::LeftButton, modifiers, start);
        QTest::mouseMove(view, (start + stop) / 2);
        QTest::mouseMove(view, stop);
        QTest::mouseRelease(view, Qt::LeftButton, modifiers, stop);
    };
    const auto near = [this](double start, double stop) {
        const labels::Tier* tier = m_page->desk().handTier();
        return tier && tier->segments.size() == 1
            && std::abs(tier->segments[0].startSeconds - start) < 0.1
            && std::abs(tier->segments[0].stopSeconds - stop) < 0.1;
    };
    drag(3.0, 7.0);
    QTRY_VERIFY2(near(3.0, 7.0), qPrintable(hand()));
    drag(5.0, 10.0);
    QTRY_VERIFY2(near(8.0, 12.0), qPrintable(hand()));
    drag(12.0, 15.0);
    QTRY_VERIFY2(near(8.0, 15.0), qPrintable(hand()));
    // On frames, whatever the pixels were.
    const double start = m_page->desk().handTier()->segments[0].startSeconds * 25.0;
    QVERIFY(std::abs(start - std::round(start)) < 1e-6);
    key(Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY2(near(8.0, 12.0), qPrintable(hand()));
}

void TestTimelinePage::splitsMergesAndTakesItBackByKeys()
{
    chooseSet();
    m_page->desk().draw({ 4.0, 8.0 }, "cut");
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-8"));
    seek(6.0);
    key(Qt::Key_S);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-6, cut 6-8"));
    seek(4.0);
    key(Qt::Key_M);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-8"));
    key(Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-6, cut 6-8"));
    key(Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-8"));
    key(Qt::Key_Y, Qt::ControlModifier);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-6, cut 6-8"));
    seek(7.0);
    key(Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-6, cut 6.04-8.04"));
    key(Qt::Key_Delete);
    QTRY_COMPARE(hand(), QStringLiteral("cut 4-6"));
}

void TestTimelinePage::acceptsAndRejectsSuggestionsByKeys()
{
    chooseSet();
    seek(3.0);
    key(Qt::Key_A);
    QTRY_COMPARE(hand(), QStringLiteral("cut 2-6"));
    seek(9.0);
    key(Qt::Key_X);
    QTRY_VERIFY(m_page->desk().modelTier()->segments[1].verdict == labels::Verdict::Rejected);
    QVERIFY(m_page->desk().modelTier()->segments[0].verdict == labels::Verdict::Accepted);
    QCOMPARE(hand(), QStringLiteral("cut 2-6"));
    QCOMPARE(m_page->desk().acceptAbove(0.0), 0); // nothing is open any more
}

void TestTimelinePage::shuttlesSlowlyWhileKIsHeld()
{
    seek(10.0);
    QTest::keyPress(&m_page->timeline(), Qt::Key_K);
    key(Qt::Key_J);
    QCOMPARE(m_page->player().speed(), -0.25);
    key(Qt::Key_L);
    QCOMPARE(m_page->player().speed(), 0.25);
    QTest::keyRelease(&m_page->timeline(), Qt::Key_K);
    key(Qt::Key_L);
    QCOMPARE(m_page->player().speed(), 1.0);
    key(Qt::Key_K);
    QCOMPARE(m_page->player().speed(), 0.0);
}

void TestTimelinePage::labelsWhileItPlays()
{
    chooseSet();
    seek(9.0);
    key(Qt::Key_Space);
    QTRY_VERIFY(m_page->player().position() > 9.5);
    QTest::keyPress(&m_page->timeline(), Qt::Key_1);
    const double pressed = m_page->player().position();
    QTRY_VERIFY(m_page->player().position() > pressed + 0.6);
    QTest::keyRelease(&m_page->timeline(), Qt::Key_1);
    key(Qt::Key_K);
    QTRY_VERIFY(m_page->desk().handTier());
    QTRY_COMPARE(m_page->desk().handTier()->segments.size(), std::size_t{ 1 });
    const labels::Segment segment = m_page->desk().handTier()->segments[0];
    QCOMPARE(segment.label, std::string("cut"));
    QVERIFY(segment.startSeconds < pressed && segment.startSeconds > pressed - 0.5);
    QVERIFY(segment.seconds() > 0.3);
}

void TestTimelinePage::showsAnotherWordingAtOnceAndKeepsItLater()
{
    chooseSet();
    m_page->desk().draw({ 2.0, 8.0 }, "cut");
    auto* figures = m_page->findChild<FiguresBar*>();
    QTRY_VERIFY(figures->text().contains(QStringLiteral("accuracy 60.0 %")));
    labels::LabelSet set = kitchen();
    set.labels[0].wordings = { "chop" };
    Q_EMIT m_page->findChild<widgets::LabelList*>()->labelSetEdited(set);
    QTRY_COMPARE(model(), QStringLiteral("cut 2-8, stir 8-14"));
    QTRY_COMPARE(written(m_page->desk().session().annotation().tier("model")), model());
    QTRY_VERIFY(std::filesystem::exists(m_project / "label-sets" / "kitchen.json"));
    QVERIFY2(
        figures->text().contains(QStringLiteral("accuracy 70.0 %")), qPrintable(figures->text()));
}

void TestTimelinePage::asksWithTheTemplatesOfTheSet()
{
    chooseSet();
    auto* templates = m_page->findChild<QLineEdit*>(QStringLiteral("labelTemplates"));
    templates->setText(QStringLiteral("a video of {} | {} "));
    Q_EMIT templates->editingFinished();
    const labels::LabelSet& set = m_page->desk().labelSet();
    QVERIFY(set.templates == std::vector<std::string>({ "a video of {}", "{}" }));
    QTRY_COMPARE(m_page->desk().reply()->labelSet.templates.size(), std::size_t{ 2 });
    Q_EMIT templates->editingFinished(); // the same again asks nobody
    QCOMPARE(m_model->asked, 2);
}

void TestTimelinePage::takesTheRuleFromItsForm()
{
    chooseSet();
    m_page->findChild<QCheckBox*>(QStringLiteral("automaticThreshold"))->setChecked(false);
    auto* threshold = m_page->findChild<QDoubleSpinBox*>(QStringLiteral("threshold"));
    QCOMPARE(threshold->layoutDirection(), m_page->layoutDirection()); // the button's is another
    QCOMPARE(threshold->value(), 0.5); // where the automatic one stood
    threshold->setValue(0.3);
    QTRY_COMPARE(m_page->desk().reply()->threshold, 0.3);
    QTRY_COMPARE(model(), QStringLiteral("cut 2-6, stir 8-14, cut 17-18"));
    m_page->findChild<QSpinBox*>(QStringLiteral("minimum"))->setValue(2);
    QTRY_COMPARE(model(), QStringLiteral("cut 2-6, stir 8-14"));

    // The next start finds it as it was left.
    const labels::SegmenterOptions chosen = m_page->desk().options();
    const QJsonObject state = m_page->saveState();
    m_page->desk().setOptions({});
    QCOMPARE(threshold->isEnabled(), false);
    m_page->restoreState(state);
    QVERIFY(m_page->desk().options() == chosen);
    QCOMPARE(threshold->value(), 0.3);
    QCOMPARE(threshold->isEnabled(), true);
}

void TestTimelinePage::takesSegmentsAlongWhenALabelIsRenamed()
{
    chooseSet();
    m_page->desk().draw({ 2.0, 8.0 }, "cut");
    labels::LabelSet set = kitchen();
    set.labels[0].name = "slice";
    Q_EMIT m_page->findChild<widgets::LabelList*>()->labelSetEdited(set);
    QTRY_COMPARE(hand(), QStringLiteral("slice 2-8"));
    key(Qt::Key_Z, Qt::ControlModifier);
    QTRY_COMPARE(hand(), QStringLiteral("cut 2-8"));
}

void TestTimelinePage::goesToThePlaceInDoubt()
{
    chooseSet();
    QTRY_VERIFY(!m_page->desk().doubts().empty());
    key(Qt::Key_N);
    QTRY_COMPARE(m_page->player().position(), 17.0);
    // A hand that says something else is the first to look at.
    m_page->desk().draw({ 9.0, 11.0 }, "cut");
    QTRY_VERIFY(m_page->desk().doubts().front().kind == labels::Doubt::Kind::Disagreement);
    key(Qt::Key_N);
    QTRY_COMPARE(m_page->player().position(), 9.0);
}

void TestTimelinePage::comparesHandAndModelAsOneWorks()
{
    chooseSet();
    auto* figures = m_page->findChild<FiguresBar*>();
    QVERIFY(figures->text().isEmpty());
    seek(3.0);
    key(Qt::Key_A);
    // 6 of 20 seconds are said by the model alone.
    QTRY_VERIFY2(
        figures->text().contains(QStringLiteral("accuracy 70.0 %")), qPrintable(figures->text()));
    m_page->desk().draw({ 8.0, 14.0 }, "stir");
    QTRY_VERIFY(figures->text().contains(QStringLiteral("accuracy 100.0 %")));
}

/// A person types the path and presses Enter, as soon as the dialog is there.
void TestTimelinePage::typeIntoFileDialog(const QString& path)
{
    auto* timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, [timer, path] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog)
            return;
        timer->deleteLater();
        auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        name->setText(path);
        QTest::keyClick(name, Qt::Key_Return);
    });
    timer->start(20);
}

void TestTimelinePage::importsAndExportsThroughTheDialogs()
{
    chooseSet();
    const QString table = m_folder.filePath(QStringLiteral("in.csv"));
    QFile file(table);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write("video,tier,label,start_s,end_s,start_frame,end_frame,score,source\n"
               "kitchen.mp4,second hand,cut,2.52,6,63,150,,hand\n"
               "kitchen.mp4,second hand,stir,8,13.96,200,349,,hand\n");
    file.close();
    typeIntoFileDialog(table);
    key(Qt::Key_I, Qt::ControlModifier);
    QTRY_COMPARE(written(m_page->desk().shown()->tier("second hand")),
        QStringLiteral("cut 2.52-6, stir 8-13.96"));

    const QString eaf = m_folder.filePath(QStringLiteral("out.eaf"));
    m_page->activateWindow(); // nobody manages windows here
    QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
    typeIntoFileDialog(eaf);
    key(Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY2(QFile::exists(eaf), qPrintable(m_page->findChild<FiguresBar*>()->message()));
    const labels::ReadOptions options;
    const auto read = labels::readLabels(widgets::toPath(eaf), labels::Format::Eaf, options);
    QVERIFY_RESULT(read);
    QCOMPARE(read->videos.size(), std::size_t{ 1 });
    QCOMPARE(written(read->videos[0].annotation.tier("second hand")),
        QStringLiteral("cut 2.52-6, stir 8-13.96"));
    QCOMPARE(
        written(read->videos[0].annotation.tier("model")), QStringLiteral("cut 2-6, stir 8-14"));
}

void TestTimelinePage::remembersTheReviewInTheQueue()
{
    chooseSet();
    auto* review = m_page->findChild<QComboBox*>(QStringLiteral("reviewState"));
    review->setCurrentIndex(2);
    Q_EMIT review->activated(2);
    auto* queue = m_page->findChild<QTableView*>(QStringLiteral("queueTable"));
    QTRY_COMPARE(queue->model()->index(0, 1).data().toString(), QStringLiteral("Done"));
}

void TestTimelinePage::offersEveryKeyOnce()
{
    QMap<QString, QString> ids;
    const std::vector<ActionRow> rows = m_page->actionRows();
    for (const ActionRow& row : rows) {
        const QString key = row.key.toString();
        QVERIFY2(!key.isEmpty() && !ids.contains(key),
            qPrintable(row.id + QStringLiteral(" and ") + ids[key]));
        ids[key] = row.id;
    }
    QVERIFY(ids.size() > 40);
}

QTEST_MAIN(TestTimelinePage)
#include "tst_timeline_page.moc"
