# cuGAMMA in a container, for the CPU:
#     docker build -t cugamma .
#     docker run --rm -v "$PWD:/data" cugamma search --model resnet50 --num-pes 256 --out out/resnet50
# With a CUDA toolkit as base the CUDA back end is built for all GPUs that it knows:
#     docker build -t cugamma:cuda --build-arg BASE=nvidia/cuda:12.8.0-devel-ubuntu24.04 .
#     docker run --rm --gpus all cugamma:cuda --version
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
COPY scripts/setup /cugamma/scripts/setup
RUN /cugamma/scripts/setup && apt-get install -y -q --no-install-recommends libopenmpi-dev dpkg-dev file
COPY . /cugamma
RUN cd /cugamma && DEBFULLNAME="cuGAMMA container" DEBEMAIL=root@localhost.localdomain scripts/packages /packages

FROM ${BASE}
COPY --from=build /packages /packages
RUN apt-get update -qq && \
    apt-get install -y -q --no-install-recommends /packages/cugamma_*.deb /packages/libcugamma[0-9]*.deb && \
    rm -rf /var/lib/apt/lists/* /packages
WORKDIR /data
ENTRYPOINT ["cugamma"]
CMD ["--help"]
