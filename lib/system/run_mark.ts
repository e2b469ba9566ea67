/** The variable that marks the processes of a run; its value is the run's id. */
export const RUN_MARK = "PERSISTPROC_RUN";
