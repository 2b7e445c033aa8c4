#include "widgets/player/speeds.h"

#include "widgets/common/menu_button.h"

#include <QCoreApplication>
#include <QLocale>
#include <QMenu>
#include <QToolButton>

#include <algorithm>

namespace clipscope::widgets {

double neighbourSpeed(double speed, int direction)
{
    if (direction > 0) {
        const auto above = std::upper_bound(playSpeeds.begin(), playSpeeds.end(), speed);
        return above == playSpeeds.end() ? playSpeeds.back() : *above;
    }
    const auto notBelow = std::lower_bound(playSpeeds.begin(), playSpeeds.end(), speed);
    return notBelow == playSpeeds.begin() ? playSpeeds.front() : *std::prev(notBelow);
}

QString speedText(double speed)
{
    return QCoreApplication::translate("Player", "%1\u00d7").arg(QLocale().toString(speed));
}

QToolButton* speedButton(
    QWidget* parent, std::function<double()> current, const std::function<void(double)>& choose)
{
    QToolButton* button = menuButton(QStringLiteral("speed"), parent);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(QCoreApplication::translate("Player", "Speed"));
    button->setToolTip(QCoreApplication::translate(
        "Player", "Speed: [ for slower, ] for faster. Sound is heard from 0.5 to 2."));
    button->setText(speedText(current()));
    for (const double speed : playSpeeds) {
        QAction* action = button->menu()->addAction(speedText(speed));
        action->setCheckable(true);
        QObject::connect(action, &QAction::triggered, parent, [choose, speed] { choose(speed); });
        QObject::connect(button->menu(), &QMenu::aboutToShow, action,
            [action, current, speed] { action->setChecked(speed == current()); });
    }
    return button;
}

} // namespace clipscope::widgets
