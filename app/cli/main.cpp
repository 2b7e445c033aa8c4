#include "app/cli/nearest.h"
#include "app/cli/verb_runner.h"
#include "tensor/device.h"

#include <algorithm>
#include <cstdio>

namespace clipscope::cli {

namespace {

Verbs allVerbs()
{
    Verbs verbs;
    addProjectVerbs(verbs);
    addSearchVerbs(verbs);
    addSegmentVerbs(verbs);
    addEvaluateVerbs(verbs);
    addTrainVerbs(verbs);
    addWeightsVerbs(verbs);
    addCollectionVerbs(verbs);
    addBenchVerbs(verbs);
    addLabelVerbs(verbs);
    return verbs;
}

void printHelp(const Verbs& verbs)
{
    std::puts("Clipscope finds moments in your videos by words and trains video-text models.\n\n"
              "Usage: clipscope-cli VERB [ARGUMENTS]\n\nVerbs:");
    for (const auto& verb : verbs)
        std::printf("  %-15s %s\n", verb->name().c_str(), verb->help().c_str());
    std::puts(
        "  help [VERB]     Prints this, or the arguments of a verb.\n\n"
        "Every verb takes --json (one object on standard output), --job-folder DIR and --help.\n"
        "Exit codes: 0 done, 1 done with items skipped, 2 bad input, 3 not found, 4 reading or\n"
        "writing failed, 5 unsupported, 6 conflict, 7 out of memory, 8 cancelled, 9 internal.");
}

int run(std::vector<std::string> arguments)
{
    const Verbs verbs = allVerbs();
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h"
        || (arguments[0] == "help" && arguments.size() == 1)) {
        printHelp(verbs);
        return arguments.empty() ? exitCodeOf(ErrorKind::BadInput) : 0;
    }
    if (arguments[0] == "--version") {
        const auto compute
            = tensor::resolveCompute(tensor::DeviceWish::Auto, tensor::PrecisionWish::Auto);
        std::printf("clipscope-cli " CLIPSCOPE_VERSION "\nMade with " CLIPSCOPE_LIBRARIES
                    "\nComputes on %s\n",
            compute ? compute->toString().c_str() : compute.error().toString().c_str());
        return 0;
    }
    if (arguments[0] == "help") {
        arguments.erase(arguments.begin());
        arguments.resize(1);
        arguments.emplace_back("--help");
    }
    const std::string name = arguments[0];
    arguments.erase(arguments.begin());
    std::vector<std::string> names;
    for (const auto& verb : verbs) {
        if (verb->name() == name)
            return runVerb(*verb, std::move(arguments));
        names.push_back(verb->name());
    }
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    const std::string meant = nearest(name, names);
    return printError(
        { ErrorKind::BadInput, "There is no verb '" + name + "'.", {}, {},
            meant.empty() ? "See 'clipscope-cli help'." : "Did you mean '" + meant + "'?" },
        json);
}

} // namespace

} // namespace clipscope::cli

int main(int argc, char** argv)
{
    return clipscope::cli::run({ argv + 1, argv + argc });
}
