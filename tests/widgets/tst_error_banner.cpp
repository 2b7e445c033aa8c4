#include "widgets/common/error_banner.h"

#include "support/gui.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>

using namespace clipscope;
using namespace clipscope::widgets;

namespace {

Error brokenCaptions()
{
    return { ErrorKind::BadInput, "The captions are not valid JSON.",
        { "/films/captions.json", "line 3, column 7" }, { "while importing /films" },
        "Repair the file and import again." };
}

} // namespace

class TestErrorBanner : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarningOfOurs(); }

    void saysWhatWhereAndWhatToDo();
    void copiesEverything();
    void opensThePlaceWhenItIsClicked();
    void hidesDetailsUntilTheyAreAskedFor();
    void showsNothingForCancelledWork();
    void showsTheSameErrorOnce();
    void keepsTheNewestThree();
    void goesAwayWhenClosed();
    void hasATitleForEveryKind();
};

void TestErrorBanner::saysWhatWhereAndWhatToDo()
{
    ErrorBanner banner(brokenCaptions());
    QString all;
    const auto labels = banner.findChildren<QLabel*>();
    for (const QLabel* label : labels)
        all += label->text() + QLatin1Char('\n');
    QVERIFY(all.contains(errorTitle(ErrorKind::BadInput)));
    QVERIFY(all.contains(QLatin1String("The captions are not valid JSON.")));
    QVERIFY(all.contains(QLatin1String("Repair the file")));
    QVERIFY(all.contains(QLatin1String("/films/captions.json: line 3, column 7")));
    QCOMPARE(banner.accessibleName(), errorTitle(ErrorKind::BadInput));
}

void TestErrorBanner::copiesEverything()
{
    ErrorBanner banner(brokenCaptions());
    banner.findChild<QPushButton*>(QStringLiteral("copy"))->click();
    const QString copied = QApplication::clipboard()->text();
    for (const char* part :
        { "not valid JSON", "captions.json", "column 7", "while importing", "Repair" })
        QVERIFY2(copied.contains(QLatin1String(part)), part);
}

void TestErrorBanner::opensThePlaceWhenItIsClicked()
{
    ErrorBanner banner(brokenCaptions());
    const QSignalSpy spy(&banner, &ErrorBanner::placeActivated);
    auto* place = banner.findChild<QLabel*>(QStringLiteral("place"));
    QVERIFY(place);
    Q_EMIT place->linkActivated(QStringLiteral("place"));
    QCOMPARE(spy.count(), 1);
    QCOMPARE(spy.first().first().toString(), QStringLiteral("/films/captions.json"));
}

void TestErrorBanner::hidesDetailsUntilTheyAreAskedFor()
{
    ErrorBanner banner(brokenCaptions());
    banner.show();
    auto* details = banner.findChild<QLabel*>(QStringLiteral("details"));
    QVERIFY(!details->isVisible());
    const auto buttons = banner.findChildren<QPushButton*>();
    for (QPushButton* button : buttons)
        if (button->isCheckable())
            button->click();
    QVERIFY(details->isVisible());
}

void TestErrorBanner::showsNothingForCancelledWork()
{
    BannerArea area;
    area.show({ ErrorKind::Cancelled, "Stopped.", {}, {}, {} });
    QVERIFY(area.banners().isEmpty());
}

void TestErrorBanner::showsTheSameErrorOnce()
{
    BannerArea area;
    area.show(brokenCaptions());
    area.show(brokenCaptions());
    QCOMPARE(area.banners().size(), 1);
}

void TestErrorBanner::keepsTheNewestThree()
{
    BannerArea area;
    for (const char* name : { "a", "b", "c", "d" })
        area.show(Severity::Info, QLatin1String(name), {});
    QCOMPARE(area.banners().size(), 3);
    QVERIFY(area.banners().first()->fullText().startsWith(QLatin1Char('d')));
}

void TestErrorBanner::goesAwayWhenClosed()
{
    BannerArea area;
    area.show(brokenCaptions());
    area.banners().first()->findChild<QAbstractButton*>(QStringLiteral("close"))->click();
    QVERIFY(area.banners().isEmpty());
}

void TestErrorBanner::hasATitleForEveryKind()
{
    QStringList titles;
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind) {
        const QString title = errorTitle(static_cast<ErrorKind>(kind));
        QVERIFY(!title.isEmpty());
        QVERIFY(!titles.contains(title));
        titles += title;
    }
}

QTEST_MAIN(TestErrorBanner)
#include "tst_error_banner.moc"
