#!/bin/bash
# Workers of a sweep that share its folder. Time, partition, memory and GPUs are options of sbatch:
#   sbatch --time=04:00:00 --cpus-per-task=8 --gres=gpu:1 FILE
#SBATCH --job-name=@NAME@
#SBATCH --array=1-@TASKS@
#SBATCH --chdir=@DIRECTORY@
#SBATCH --output=slurm-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:TERM@120

# The folder was made where this file was printed.
if [ ! -d @FOLDER@ ]; then
    echo "error: output folder must be shared by all machines, got none on $(hostname)": @FOLDER@ >&2
    exit 2
fi

@COMMAND@ &
worker=$!
trap 'told=yes; kill -TERM "$worker"' TERM
wait "$worker"
code=$?
if [ -n "${told:-}" ]; then
    wait "$worker"
    code=$?
fi
# The worker stopped at a step boundary with a checkpoint, two minutes before the time limit: the task goes on in a new job.
if [ "$code" -eq 130 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$code"
