#include "train/gradient_sums.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/types.h>

#include <optional>

namespace clipscope::train {

namespace {

struct Bucket
{
    std::vector<std::size_t> members; // in parameters
    std::size_t missing = 0; // gradients that backward has not finished yet
    at::Tensor flat; // gradients one behind the other, and a flag each: it is there
    std::shared_ptr<tensor::Ranks::Pending> sum;
};

} // namespace

struct GradientSums::Impl
{
    std::vector<at::Tensor> parameters;
    const tensor::Ranks& ranks;
    std::vector<Bucket> buckets;
    std::vector<std::size_t> bucketOf;
    std::vector<std::pair<std::shared_ptr<torch::autograd::Node>, std::uintptr_t>> hooks;
    bool isActive = false;
    std::size_t nextBucket = 0; // all before it are on their way
    std::optional<Error> error;

    void arrived(std::size_t parameter)
    {
        if (!isActive)
            return;
        Bucket& bucket = buckets[bucketOf[parameter]];
        if (bucket.missing > 0)
            --bucket.missing;
        while (nextBucket < buckets.size() && buckets[nextBucket].missing == 0)
            send(buckets[nextBucket++]);
    }

    void send(Bucket& bucket)
    {
        if (error)
            return;
        const at::NoGradGuard noGrad;
        std::vector<at::Tensor> parts;
        for (const std::size_t member : bucket.members) {
            const at::Tensor& gradient = parameters[member].grad();
            parts.push_back(gradient.defined() ? gradient.flatten()
                                               : at::zeros_like(parameters[member]).flatten());
        }
        std::vector<float> flags;
        for (const std::size_t member : bucket.members)
            flags.push_back(parameters[member].grad().defined() ? 1.0F : 0.0F);
        parts.push_back(torch::tensor(flags).to(parts.front().device()));
        bucket.flat = at::cat(parts);
        auto sum = ranks.startSum(bucket.flat);
        if (sum)
            bucket.sum = std::move(*sum);
        else
            error = sum.error();
    }

    void take(const Bucket& bucket, double factor)
    {
        std::int64_t at = 0;
        const auto count = static_cast<std::int64_t>(bucket.members.size());
        const at::Tensor flags = bucket.flat.narrow(0, bucket.flat.numel() - count, count).cpu();
        for (std::size_t index = 0; index < bucket.members.size(); ++index) {
            at::Tensor& parameter = parameters[bucket.members[index]];
            const at::Tensor sum = bucket.flat.narrow(0, at, parameter.numel());
            at += parameter.numel();
            if (flags[static_cast<std::int64_t>(index)].item<float>() > 0.0F)
                parameter.mutable_grad() = sum.view(parameter.sizes()).mul(factor);
        }
    }
};

GradientSums::GradientSums(const std::vector<tensor::NamedTensor>& parameters,
    const tensor::Ranks& ranks, std::int64_t bucketBytes)
    : m_impl(new Impl{ {}, ranks, {}, {}, {}, false, 0, {} })
{
    Impl& impl = *m_impl;
    impl.bucketOf.resize(parameters.size());
    std::int64_t bytes = bucketBytes; // the first parameter begins a bucket
    for (std::size_t at = parameters.size(); at-- > 0;) {
        const at::Tensor& parameter = parameters[at].tensor;
        if (bytes >= bucketBytes) {
            impl.buckets.emplace_back();
            bytes = 0;
        }
        bytes += parameter.numel() * static_cast<std::int64_t>(parameter.element_size());
        impl.buckets.back().members.push_back(at);
        impl.bucketOf[at] = impl.buckets.size() - 1;
    }
    for (std::size_t at = 0; at < parameters.size(); ++at) {
        impl.parameters.push_back(parameters[at].tensor);
        if (ranks.size() == 1)
            continue; // nothing to wait for
        auto node = torch::autograd::impl::grad_accumulator(parameters[at].tensor);
        const auto key
            = node->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
                [raw = m_impl.get(), at](const torch::autograd::variable_list& outputs,
                    const torch::autograd::variable_list&) {
                    raw->arrived(at);
                    return outputs;
                }));
        impl.hooks.emplace_back(std::move(node), key);
    }
}

GradientSums::~GradientSums()
{
    for (const auto& [node, key] : m_impl->hooks)
        node->del_post_hook(key);
}

void GradientSums::begin()
{
    m_impl->isActive = true;
    m_impl->nextBucket = 0;
    m_impl->error.reset();
    for (Bucket& bucket : m_impl->buckets)
        bucket.missing = bucket.members.size();
}

Status GradientSums::finish(double factor)
{
    Impl& impl = *m_impl;
    impl.isActive = false;
    if (impl.ranks.size() == 1)
        return {};
    // Weights that took no part (poolers, a rank without pairs) never arrive.
    while (impl.nextBucket < impl.buckets.size())
        impl.send(impl.buckets[impl.nextBucket++]);
    if (impl.error)
        return fail(*impl.error);
    const at::NoGradGuard noGrad;
    for (Bucket& bucket : impl.buckets) {
        CLIP_TRY(tensor::Ranks::wait(*bucket.sum));
        impl.take(bucket, factor);
        bucket.flat.reset();
        bucket.sum.reset();
    }
    return {};
}

} // namespace clipscope::train
