#include "app/studio/main_window.h"
#include "app/studio/pages/search/search_page.h"
#include "app/studio/studio.h"
#include "app/studio/typing_probe.h"
#include "support/cli.h"
#include "support/gui.h"
#include "support/made_up_starter.h"
#include "support/make_video.h"
#include "support/verify.h"
#include "widgets/common/format.h"
#include "widgets/player/player.h"
#include "widgets/results/results_view.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <algorithm>

using namespace clipscope;
using namespace clipscope::studio;

/// The whole way through the window, with the real command line behind it and a starter of random
/// weights: what it answers is chance, but the same for everybody who asks.
class TestFirstLight : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarningOfOurs(); }

    void standsOnTheSecondThatWasAskedForAfterAFolderWasDropped();

private:
    /// Drops one of the test's folders on a widget.
    void drop(QWidget* target, const QString& folder) const
    {
        QMimeData data;
        data.setUrls({ QUrl::fromLocalFile(m_folder.filePath(folder)) });
        QDragEnterEvent enter(
            QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(target, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(target, &drop);
    }

    QTemporaryDir m_folder;
};

void TestFirstLight::initTestCase()
{
    if (!QFile::exists(qEnvironmentVariable("CLIPSCOPE_CLI")))
        QSKIP("clipscope-cli is not built");
    const QString models = m_folder.filePath(QStringLiteral("models"));
    QVERIFY(QDir().mkpath(models));
    QVERIFY_RESULT(test::writeMadeUpStarter(widgets::toPath(models) / "starter.safetensors"));
    qputenv("CLIPSCOPE_MODELS", models.toLocal8Bit());
    for (int i = 0; i < 2; ++i) {
        const QString films = m_folder.filePath(QStringLiteral("films%1").arg(i));
        QVERIFY(QDir().mkpath(films));
        test::MadeVideo made;
        made.frames = 100 + 50 * i;
        QVERIFY_RESULT(
            test::makeVideo(widgets::toPath(films) / ("film" + std::to_string(i) + ".mp4"), made));
    }
}

void TestFirstLight::standsOnTheSecondThatWasAskedForAfterAFolderWasDropped()
{
    Studio studio(Automation::On, m_folder.filePath(QStringLiteral("preferences.ini")));
    MainWindow window(studio.services);
    window.show();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    // Dropped where there is no project yet, films ask for the place of one.
    drop(window.findChild<QWidget*>(QStringLiteral("welcomePage")), QStringLiteral("films0"));
    auto* dialog = window.findChild<QFileDialog*>();
    QVERIFY(dialog);
    QCOMPARE(
        QFileInfo(dialog->selectedFiles().value(0)).fileName(), QStringLiteral("films0.clipscope"));
    const std::filesystem::path project
        = widgets::toPath(m_folder.filePath(QStringLiteral("films.clipscope")));
    dialog->selectFile(widgets::fromPath(project));
    QMetaObject::invokeMethod(dialog, "accept");
    QTRY_VERIFY(studio.project.isOpen());
    QCOMPARE(studio.project.folder(), project);
    window.activateWindow(); // nobody manages windows here
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QTRY_COMPARE_WITH_TIMEOUT(studio.model->state().searchableVideos, 1, 120000);
    drop(window.page(PageId::Collection), QStringLiteral("films1"));
    // Import, extraction and index follow each other without another hand.
    QTRY_COMPARE_WITH_TIMEOUT(studio.model->state().searchableVideos, 2, 120000);

    QTest::keyClick(&window, Qt::Key_Slash);
    auto* box = window.findChild<QLineEdit*>(QStringLiteral("queryBox"));
    QTRY_VERIFY(box->hasFocus());
    QTest::keyClicks(box, QStringLiteral("a fish"));
    QTest::keyClick(box, Qt::Key_Return);
    auto* page = qobject_cast<SearchPage*>(window.page(PageId::Search));
    QTRY_VERIFY_WITH_TIMEOUT(page->results().moments().momentCount() > 0, 30000);

    // The strip under the scrubber follows every letter; how fast is the bench's question.
    TypingProbe probe(window, *studio.model, QStringLiteral("a fish"));
    const QSignalSpy typed(&probe, &TypingProbe::finished);
    QTRY_COMPARE_WITH_TIMEOUT(typed.count(), 1, 60000);
    QCOMPARE(probe.milliseconds().size(), 5u);
    QVERIFY(*std::max_element(probe.milliseconds().begin(), probe.milliseconds().end()) < 9000.0);
    QTest::keyClick(box, Qt::Key_Return);

    // The same question on the command line gives the same second.
    const test::CliAnswer answer = test::runCli({ QStringLiteral("search"),
        widgets::fromPath(project), QStringLiteral("a fish"), QStringLiteral("--json") });
    QCOMPARE(answer.exitCode, 0);
    const Json best = answer.json()["moments"][0];
    const double peak = best["peak"].get<double>();
    QTRY_COMPARE(page->player().path(), widgets::fromUtf8(best["path"].get<std::string>()));
    QTRY_VERIFY(page->player().frameIndex() >= 0);
    constexpr double frameSeconds = 1.0 / 25.0;
    QTRY_VERIFY2(
        page->player().position() <= peak + 1e-6 && peak < page->player().position() + frameSeconds,
        qPrintable(QStringLiteral("%1 for %2").arg(page->player().position()).arg(peak)));

    // And the picture is that of the frame whose number is shown.
    const QImage shown = page->player().shownFrame().convertToFormat(QImage::Format_RGB888);
    std::vector<std::uint8_t> rgb;
    for (int y = 0; y < shown.height(); ++y)
        rgb.insert(rgb.end(), shown.constScanLine(y), shown.constScanLine(y) + 3 * shown.width());
    QCOMPARE(test::frameNumberIn(rgb.data(), shown.width(), shown.height()),
        page->player().frameIndex());
}

QTEST_MAIN(TestFirstLight)
#include "tst_first_light.moc"
