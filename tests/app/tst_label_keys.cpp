#include "app/studio/pages/timeline/label_keys.h"

#include "support/verify.h"

#include <QSignalSpy>
#include <QTest>

using namespace clipscope;
using namespace clipscope::studio;
using labels::Span;

class TestLabelKeys : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_keys = std::make_unique<LabelKeys>();
        m_drawn.clear();
        connect(m_keys.get(), &LabelKeys::drawn, this,
            [this](const Span& span, const std::string& label) {
                m_drawn.push_back({ span, label });
            });
    }

    void labelsAsLongAsAKeyIsHeld();
    void takesTheRepetitionOfAHeldKeyForHolding();
    void endsATappedLabelByTheNextTap();
    void endsALabelByItsOwnKey();
    void endsWithoutReactionTimeWhenTheVideoStops();
    void takesOffWhatItLearned();
    void drawsNothingWhenCancelled();

private:
    using Drawn = std::pair<Span, std::string>;
    static constexpr double late = labels::ReactionTime::untaught;
    void tap(const char* label, double seconds)
    {
        m_keys->press(label, seconds, 1.0);
        m_keys->release(seconds, 1.0);
        QTest::qWait(LabelKeys::repeatMilliseconds + 5); // nobody is quicker
    }
    std::unique_ptr<LabelKeys> m_keys;
    std::vector<Drawn> m_drawn;
};

void TestLabelKeys::labelsAsLongAsAKeyIsHeld()
{
    m_keys->press("cut", 10.0, 1.0);
    QTest::qWait(LabelKeys::tapMilliseconds + 20);
    m_keys->follow(11.0);
    m_keys->release(12.0, 1.0);
    QTRY_VERIFY(!m_keys->isDrawing());
    QVERIFY(m_drawn == std::vector<Drawn>({ { { 10.0 - late, 12.0 - late }, "cut" } }));
}

void TestLabelKeys::takesTheRepetitionOfAHeldKeyForHolding()
{
    m_keys->press("cut", 10.0, 1.0);
    QTest::qWait(LabelKeys::tapMilliseconds + 20);
    for (double at = 10.5; at < 11.0; at += 0.04) {
        m_keys->release(at, 1.0);
        m_keys->press("cut", at, 1.0);
    }
    m_keys->release(11.0, 1.0);
    QTRY_VERIFY(!m_keys->isDrawing());
    QVERIFY(m_drawn == std::vector<Drawn>({ { { 10.0 - late, 11.0 - late }, "cut" } }));
}

void TestLabelKeys::endsATappedLabelByTheNextTap()
{
    tap("cut", 10.0);
    QVERIFY(m_keys->isDrawing());
    tap("stir", 15.0);
    QVERIFY(m_keys->isDrawing());
    QVERIFY(m_drawn == std::vector<Drawn>({ { { 10.0 - late, 15.0 - late }, "cut" } }));
}

void TestLabelKeys::endsALabelByItsOwnKey()
{
    tap("cut", 10.0);
    tap("cut", 15.0);
    QVERIFY(!m_keys->isDrawing());
    QCOMPARE(m_drawn.size(), std::size_t{ 1 });
    tap("cut", 20.0);
    QVERIFY(m_keys->isDrawing());
}

void TestLabelKeys::endsWithoutReactionTimeWhenTheVideoStops()
{
    tap("cut", 10.0);
    m_keys->stop(13.0);
    QVERIFY(m_drawn == std::vector<Drawn>({ { { 10.0 - late, 13.0 }, "cut" } }));
}

void TestLabelKeys::takesOffWhatItLearned()
{
    m_keys->setChangePoints({ 10.0, 20.0, 30.0, 40.0, 50.0, 60.0 });
    QSignalSpy learned(m_keys.get(), &LabelKeys::learned);
    for (const double change : { 10.0, 20.0, 30.0, 40.0, 50.0 })
        tap(change == 30.0 ? "stir" : "cut", change + 0.5);
    QCOMPARE(learned.count(), 5);
    QVERIFY(m_keys->reactionTime().isTaught());
    m_keys->stop(55.0);
    tap("fry", 60.5);
    m_keys->stop(62.0);
    QVERIFY(m_drawn.back() == Drawn({ 60.0, 62.0 }, "fry"));
}

void TestLabelKeys::drawsNothingWhenCancelled()
{
    tap("cut", 10.0);
    m_keys->cancel();
    m_keys->stop(12.0);
    QVERIFY(m_drawn.empty());
}

QTEST_GUILESS_MAIN(TestLabelKeys)
#include "tst_label_keys.moc"
