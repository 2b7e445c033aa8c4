#pragma once

#include <QRegularExpression>
#include <QtTest>

namespace clipscope::test {

/// As failOnAnyWarning(), for tests that show windows: the offscreen platform warns about each
/// window that it cannot do something a real one can.
inline void failOnAnyWarningOfOurs()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support )")));
}

} // namespace clipscope::test
