package dpo.harness.peer;

import java.util.List;

/** The keys of a TRL 1.16 DPO configuration that are not translated: infrastructure and unsupported features. */
final class TrlKeys {

    /** Keys about logging, saving, the hub, processes and memory, which change no result; including older names. */
    static final List<String> WITHOUT_MEANING = words("""
            accelerator_config activation_checkpointing activation_checkpointing_kwargs activation_offloading
            attn_implementation average_tokens_across_devices batch_eval_metrics bf16_full_eval bnb_4bit_quant_storage
            bnb_4bit_quant_type config dataloader_in_order dataloader_multiprocessing_context dataloader_num_workers
            dataloader_persistent_workers dataloader_pin_memory dataloader_prefetch_factor dataset_num_proc
            dataset_streaming ddp_backend ddp_broadcast_buffers ddp_bucket_cap_mb ddp_find_unused_parameters
            ddp_static_graph ddp_timeout debug deepspeed disable_tqdm do_eval do_predict do_train
            enable_jit_checkpoint env eval_accumulation_steps eval_do_concat_batches eval_use_gather_object
            fp16_full_eval fsdp fsdp_config full_determinism generate_during_eval
            gradient_checkpointing_kwargs greater_is_better hub_always_push hub_model_id hub_private_repo hub_revision
            hub_strategy hub_token ignore_bias_buffers ignore_data_skip include_for_metrics
            include_num_input_tokens_seen label_names label_smoothing_factor length_column_name liger_kernel_config
            local_rank log_level log_level_replica log_on_each_node logging_dir logging_first_step
            logging_nan_inf_filter logging_steps logging_strategy metric_for_best_model output_dir
            overwrite_output_dir pad_to_multiple_of pad_token padding_free parallelism_config
            per_device_eval_batch_size precompute_ref_batch_size precompute_ref_log_probs prediction_loss_only project
            push_to_hub remove_unused_columns report_to restore_callback_states_from_checkpoint
            resume_from_checkpoint run_name save_on_each_node save_only_model save_safetensors save_total_limit
            skip_memory_metrics streaming tf32 torch_compile torch_compile_backend torch_compile_mode
            torch_empty_cache_steps trackio_bucket_id trackio_space_id trackio_static_space_id use_bnb_nested_quant
            use_cache use_liger_kernel""");

    /** Keys of the adapter, which have no effect without {@code use_peft}. */
    static final List<String> OF_ADAPTER = words("""
            lora_alpha lora_dropout lora_modules_to_save lora_r lora_target_modules lora_target_parameters
            lora_task_type use_dora use_rslora""");

    /** Keys of the moving reference, which have no effect without {@code sync_ref_model}. */
    static final List<String> OF_REFERENCE_UPDATES = words("ref_model_mixup_alpha ref_model_sync_steps");

    /** Unsupported keys that change the computation, with their neutral values; "" means null. */
    static final List<Unsupported> UNSUPPORTED = List.of(
            new Unsupported("load_in_4bit", false, "weights are not quantised"),
            new Unsupported("load_in_8bit", false, "weights are not quantised"),
            new Unsupported("trust_remote_code", false, "code in a model folder is not run"),
            new Unsupported("model_init_kwargs", "", "there are no further options for the model"),
            new Unsupported("model_revision", "main", "copy the model at that revision"),
            new Unsupported("dataset_config", "", "copy the data of that configuration"),
            new Unsupported("test_split_size", "", "set data.train.limit and data.evaluation.skip instead"),
            new Unsupported("disable_dropout", true, "the model itself has no dropout"),
            new Unsupported("router_aux_loss_coef", 0.0, "there is no auxiliary loss for routers"),
            new Unsupported("neftune_noise_alpha", "", "no noise is added to embeddings"),
            new Unsupported("dataloader_drop_last", false, "a smaller last batch of an epoch is used"),
            new Unsupported("auto_find_batch_size", false, "the batch size is fixed"),
            new Unsupported("data_seed", "", "one seed determines the order and all other random numbers"),
            new Unsupported("lr_scheduler_kwargs", "", "schedules have no further options"),
            new Unsupported("optim_args", "", "AdamW has no further options"),
            new Unsupported("optim_target_modules", "", "AdamW trains every parameter"),
            new Unsupported("load_best_model_at_end", false, "the model after the last step is saved"),
            new Unsupported("eval_on_start", false, "there is no evaluation before the first step"),
            new Unsupported("eval_delay", 0L, "evaluations are not delayed"),
            new Unsupported("group_by_length", false, "order is shuffled or sequential"),
            new Unsupported("max_prompt_length", "", "TRL 1.16 has no such key; max_length limits the sum"),
            new Unsupported("max_completion_length", "", "TRL 1.16 has no such key; max_length limits the sum"),
            new Unsupported("reference_free", false, "TRL 1.16 has no such key"),
            new Unsupported(
                    "rpo_alpha", "", "TRL 1.16 has no such key; use loss_type [sigmoid, sft] and loss_weights"));

    private TrlKeys() {}

    /** An unsupported key, its neutral value, and the behaviour here. */
    record Unsupported(String key, Object neutral, String instead) {}

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
