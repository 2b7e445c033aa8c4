#include "app/studio/typing_probe.h"

#include "app/studio/main_window.h"
#include "app/studio/model_service.h"
#include "widgets/player/heat_strip.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>

#include <chrono>
#include <utility>

namespace clipscope::studio {

namespace {

constexpr std::chrono::milliseconds lookInterval{ 50 };
constexpr std::chrono::milliseconds betweenLetters{ 120 }; // a fast typist
constexpr std::chrono::seconds patience{ 10 };

void press(QWidget& widget, int key, const QString& text)
{
    for (const QEvent::Type type : { QEvent::KeyPress, QEvent::KeyRelease }) {
        QKeyEvent event(type, key, Qt::NoModifier, text);
        QApplication::sendEvent(&widget, &event);
    }
}

} // namespace

TypingProbe::TypingProbe(MainWindow& window, ModelService& model, QString words)
    : m_window(window)
    , m_words(std::move(words))
    , m_box(window.findChild<QLineEdit*>(QStringLiteral("queryBox")))
    , m_strip(window.page(PageId::Search)->findChild<widgets::HeatStrip*>())
{
    m_strip->installEventFilter(this);
    connect(&m_look, &QTimer::timeout, this, &TypingProbe::begin);
    m_patience.setSingleShot(true);
    m_patience.setInterval(patience);
    connect(&m_patience, &QTimer::timeout, this, &TypingProbe::take);
    connect(&model, &ModelService::stripsFinished, this, [this](const StripsReply& reply) {
        if (m_waiting && reply.query == m_box->text().trimmed()
            && m_strip->scores().perSecond == m_before)
            take(); // the strip is right as it is
    });
    m_window.runQuery(m_words);
    m_look.start(lookInterval);
}

TypingProbe::~TypingProbe() = default;

void TypingProbe::begin()
{
    if (!m_window.isSettled() || m_strip->duration() <= 0.0 || m_strip->scores().perSecond.empty())
        return;
    m_look.stop();
    m_box->setFocus();
    m_box->clear();
    typeNext();
}

void TypingProbe::typeNext()
{
    while (m_next < m_words.size() && m_words.at(m_next).isSpace())
        press(*m_box, Qt::Key_Space, m_words.at(m_next++));
    if (m_next == m_words.size()) {
        Q_EMIT finished();
        return;
    }
    m_before = m_strip->scores().perSecond;
    m_waiting = true;
    m_patience.start();
    m_clock.start();
    press(*m_box, 0, m_words.at(m_next++));
}

bool TypingProbe::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_strip && event->type() == QEvent::Paint && m_waiting
        && m_strip->scores().perSecond != m_before) {
        m_strip->removeEventFilter(this);
        QApplication::sendEvent(m_strip, event); // now, so that its end is seen
        m_strip->installEventFilter(this);
        take();
        return true;
    }
    return QObject::eventFilter(watched, event);
}

void TypingProbe::take()
{
    m_milliseconds.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
    m_waiting = false;
    m_patience.stop();
    QTimer::singleShot(betweenLetters, this, &TypingProbe::typeNext);
}

} // namespace clipscope::studio
